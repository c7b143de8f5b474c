"""`trustwide demo` from nothing to a page, in processes of its own, as a newcomer meets it."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from trustwide.demo.people import PASSWORD, PEOPLE

STATIC = Path(__file__).parents[2] / "src/trustwide/commons/nhsuk/static/vendor"
CASE = Path(__file__).parents[2] / "src/trustwide/exchange/returns/tests/cases/published_by_provider.csv"
PATIENCE = 120.0  # seconds; what a newcomer is promised on a cold machine


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    if not STATIC.is_dir():
        pytest.skip("the front-end files are missing (run make setup)")
    return tmp_path_factory.mktemp("demo")


def demo(home: Path, *arguments: str) -> subprocess.Popen[str]:
    left_out = {"DATABASE_URL", "TRUSTWIDE_HOSTS", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    return subprocess.Popen(
        [sys.executable, "-m", "trustwide", "demo", "--size", "small", *arguments],
        env=environment | {"TRUSTWIDE_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists()


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    """What was printed up to the line that holds `words`."""
    said, last_moment = "", time.monotonic() + PATIENCE
    while time.monotonic() < last_moment:
        line = process.stdout.readline()
        said += line
        if words in line:
            return said
        if not line:
            break
    raise AssertionError(f"it never said {words!r}:\n{said}")


def test_from_nothing_to_a_page_and_back(home):
    port = free_port()
    process = demo(home, "--port", str(port))
    try:
        said = wait_for(process, "Stop it with")
        assert "Adding 12 people" in said
        assert f"http://127.0.0.1:{port}/" in said
        assert PASSWORD in said
        assert all(someone.email in said for someone in PEOPLE)
        assert "Where is the pressure" in page_after_sign_in(f"http://127.0.0.1:{port}", PEOPLE[0].email)
        second = demo(home, "--port", str(port))
        assert f"port {port} cannot be used" in second.communicate(timeout=60)[0]
        assert second.returncode == 1
        started = children(process.pid)
        assert len(started) == 2, "the site and the worker"
        leads_here = f"TRUSTWIDE_PUBLIC_ADDRESS=http://127.0.0.1:{port}"
        for pid in started:
            assert leads_here in Path(f"/proc/{pid}/environ").read_text().split("\0"), (
                "links in mails lead to this port"
            )
        process.send_signal(signal.SIGTERM)
        assert "Stopped" in process.communicate(timeout=30)[0]
        assert process.returncode == 0
        assert not any(alive(pid) for pid in started)
    finally:
        process.kill()


def page_after_sign_in(address: str, email: str) -> str:
    """The page that somebody lands on who signs in with the password on the screen; its style sheet must be there."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{address}/", timeout=60) as answer:
        form_address, form = answer.url, answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    style = re.search(r'href="([^"]+nhsuk-frontend[^"]*\.css)"', form)[1]
    assert browser.open(f"{address}{style}", timeout=60).status == 200
    data = urllib.parse.urlencode({"csrfmiddlewaretoken": token, "login": email, "password": PASSWORD}).encode()
    request = urllib.request.Request(form_address, data, headers={"Referer": form_address})
    with browser.open(request, timeout=60) as answer:
        assert answer.url == f"{address}/"
        return answer.read().decode()


def test_the_second_time_nothing_is_built(home):
    process = demo(home, "--no-serve")
    said = process.communicate(timeout=PATIENCE)[0]
    assert "The demo is there already" in said
    assert "Storing" not in said


def test_it_stops_before_a_database_of_somebody_else(tmp_path):
    environment = os.environ | {"TRUSTWIDE_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "trustwide", "manage", "migrate", "-v0"], env=environment, check=True)
    own = (
        "from trustwide.config.commands import start_django; start_django();"
        "from trustwide.commons.organisations.actions import create_partnership;"
        "from trustwide.commons.audit.actions import SystemActor;"
        "create_partnership('own', 'Our Own Partnership', by=SystemActor('tests'))"
    )
    subprocess.run([sys.executable, "-c", own], env=environment, check=True)
    for arguments in (["--no-serve"], ["--no-serve", "--reset"]):
        process = demo(tmp_path, *arguments)
        said = process.communicate(timeout=60)[0]
        assert process.returncode == 1
        assert "trustwide demo: The database holds the partnership Our Own Partnership" in said
        assert "Traceback" not in said


def test_real_providers_stand_beside_the_group_up_to_their_own_month(home):
    asked = ["--no-serve", "--dm01", str(CASE)]
    first = demo(home, *asked).communicate(timeout=PATIENCE)[0]
    assert "Removing the demo that was there" in first, "nobody worked in it, and its months did not fit the file's"
    assert "Adding 3 real providers of published_by_provider.csv" in first
    again = demo(home, *asked).communicate(timeout=PATIENCE)[0]
    assert "The demo is there already" in again
    assert "Reading" not in again
    alone = demo(home, "--no-serve").communicate(timeout=PATIENCE)[0]
    assert "The demo is there already" in alone, "it keeps the real providers"


def test_a_file_that_is_no_return_is_refused_in_a_sentence(tmp_path):
    wrong = tmp_path / "rota.csv"
    wrong.write_text("day,nurse\nMonday,Ada\n")
    process = demo(tmp_path, "--no-serve", "--dm01", str(wrong))
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "trustwide demo: rota.csv" in said
    assert "Traceback" not in said
