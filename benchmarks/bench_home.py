"""How long the server needs for the home page with the returns of every provider loaded.

Run: python benchmarks/bench_home.py [FILE]. CPU time of the view through Django's test client, signed in; the real
returns if ../shared/data has them, else as many made-up ones. The database is temporary.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench_import import made_up
from figures import Figure, at_most, log, main

REAL = Path(__file__).parents[2] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
PROMISED_MS = 100
TURNS = 25
ADDRESSES = {
    "first page of all providers": "/",
    "one test": "/?where=all&test=MRI",
    "only concerns": "/?where=all&concerns=on",
    "last page": "/?where=all&page=99",
    "search by name": "/?where=all&site=university",
    "a part, as a filter asks for it": "/?where=all&test=CT",
    "history of one list": "/imaging/{site}/MRI/",
    "one chart": "/measures/dm01_waiting_list/{site}/MRI/",
}


def signed_in():
    """A client whose person may see every provider, and who also has a role in a group."""
    from django.test import Client

    from trustwide.commons.accounts.actions import add_member, create_person
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.organisations.actions import create_partnership

    by = SystemActor("benchmark")
    person = create_person("planner@example.test", "Planner", by=by)
    add_member(person, "planner", create_partnership("group", "Group", by=by), by=by, reason="benchmark")
    client = Client(headers={"host": "localhost"})
    client.force_login(person)
    return client


def load(file):
    """Every return of the file in an empty database; the code of a site that returned MRI."""
    from django.core.management import call_command

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.exchange.returns import read
    from trustwide.services.imaging.actions import import_returns
    from trustwide.services.imaging.models import Dm01Return

    call_command("migrate", verbosity=0)
    summary = import_returns(read(file).frame, by=SystemActor("benchmark"), source=file.name)
    log(f"{summary.added:,} returns of {len(summary.providers_added)} providers from {file.name}")
    return Dm01Return.objects.filter(test="MRI").order_by("-waiting_list").first().site.code


def milliseconds(client, address, part):
    headers = {"HX-Request": "true"} if part else {}
    client.get(address, headers=headers)
    times = []
    for _ in range(TURNS):
        start = time.process_time()
        response = client.get(address, headers=headers)
        times.append((time.process_time() - start) * 1000)
        assert response.status_code == 200, address
    return statistics.median(times)


def measure(file):
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TRUSTWIDE_HOME": folder, "DJANGO_SETTINGS_MODULE": "trustwide.config.settings"}
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        file = file or REAL
        if not file.exists():
            file = Path(folder) / "made_up.csv"
            made_up(file)
        site, client = load(file), signed_in()
        taken = {}
        for name, address in ADDRESSES.items():
            taken[name] = milliseconds(client, address.format(site=site), part=name.startswith("a part"))
            log(f"{name:<34}  {taken[name]:>6.1f} ms")
        yield Figure(
            "Pages", f"{next(iter(taken))}, in the server", "", f"{next(iter(taken.values())):.0f} ms of processor"
        )
        slowest = max(taken, key=taken.get)
        yield at_most(
            "Pages", f"slowest of {len(taken)} addresses: {slowest}", taken[slowest], PROMISED_MS, "ms of processor"
        )


if __name__ == "__main__":
    sys.exit(main(measure, __doc__, reads="returns to load"))
