"""Fifty booking clerks at their browsers, simulated: they read lists, look for slots and book, over HTTP."""

from __future__ import annotations

import http.client
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

CSRF = "b" * 32
SLOT = re.compile(r'name="session" value="(\d+)"><input type="hidden" name="starts_at" value="([^"]+)"')
THINKS = (5, 15)  # seconds between two pages of one clerk
WARM_UP = 10


class Browser:
    """One signed-in person; a connection of its own for every page, as the server keeps none open for long."""

    def __init__(self, port, session):
        self.port = port
        self.headers = {"Host": "127.0.0.1", "Cookie": f"sessionid={session}; csrftoken={CSRF}"}

    def ask(self, path, fields=None):
        """(status, milliseconds, body, what it was told); 0 as the status where nobody answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers, body = dict(self.headers), None
        if fields is not None:
            body = urlencode(fields | {"csrfmiddlewaretoken": CSRF})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.monotonic()
        try:
            connection.request("GET" if fields is None else "POST", path, body, headers)
            answer = connection.getresponse()
            page = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, 0.0, "", ""
        finally:
            connection.close()
        told = next((v for k, v in answer.getheaders() if k == "Set-Cookie" and v.startswith("messages=")), "")
        return answer.status, (time.monotonic() - begun) * 1000, page.decode(), told.split(";")[0].partition("=")[2]


@contextmanager
def serving(environment, *, workers=1, threads=8):
    """`trustwide serve` on a free port: its port and process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).parent / "trustwide"
    options = ["--port", str(port), "--workers", str(workers), "--threads", str(threads)]
    server = subprocess.Popen(
        [program, "serve", *options], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            if Browser(port, "").ask("/healthz")[0] == 200:
                break
            time.sleep(0.1)
        else:
            raise SystemExit("the server did not answer within half a minute")
        yield port, server
    finally:
        server.terminate()
        server.wait(timeout=60)


def children(process):
    """Process ids of what a process started."""
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def a_day_of_work(port, sessions, addresses, to_book, seconds):
    """Everybody works for so many seconds. Milliseconds of each kind of page, by name.

    addresses: name of a kind -> (its weight, addresses drawn from). to_book: ids of requests that can be booked.
    """
    taken, wrong, lock = defaultdict(list), defaultdict(int), threading.Lock()
    ready = list(to_book)
    begun = time.monotonic()

    def keep(name, answer):
        status, milliseconds, *_ = answer
        with lock:
            if time.monotonic() - begun > WARM_UP:
                taken[name].append(milliseconds)
            if status not in (200, 302):
                wrong[f"{name}: {status}"] += 1

    def clerk(number, session):
        draw, browser = random.Random(number), Browser(port, session)
        kinds, weights = list(addresses), [weight for weight, _ in addresses.values()]
        time.sleep(draw.uniform(0, THINKS[1]))
        while time.monotonic() - begun < seconds:
            kind = draw.choices(kinds, weights)[0]
            if kind != "book":
                keep(kind, browser.ask(draw.choice(addresses[kind][1])))
            else:
                with lock:
                    wanted = ready.pop()
                page = browser.ask(f"/imaging/bookings/{wanted}/")
                keep("find a slot", page)
                time.sleep(draw.uniform(1, 3))
                if found := SLOT.findall(page[2]):
                    slot, starts = draw.choice(found)
                    fields = {"session": slot, "starts_at": starts, "do": "book"}
                    keep("book", browser.ask(f"/imaging/bookings/{wanted}/take/", fields))
            time.sleep(draw.uniform(*THINKS))

    _all(clerk, list(enumerate(sessions)))
    return taken, wrong


def book_fast(port, sessions, work, seconds, middle=None):
    """Book as fast as the server answers, one clerk a share of `work`. What each success was, and how many attempts.

    middle: called once in the middle, for example to kill something. Answers are (request, session, starts, told).
    """
    answers, lock, begun = [], threading.Lock(), time.monotonic()

    def clerk(session, share):
        browser = Browser(port, session)
        for request, slot, starts in share:
            if time.monotonic() - begun > seconds:
                return
            fields = {"session": slot, "starts_at": starts, "do": "book"}
            status, _, _, told = browser.ask(f"/imaging/bookings/{request}/take/", fields)
            with lock:
                answers.append((request, slot, starts, told if status == 302 else "", status))
            if status == 0:
                time.sleep(0.2)

    timer = threading.Timer(seconds / 2, middle) if middle else None
    if timer:
        timer.start()
    _all(clerk, list(zip(sessions, work, strict=False)))
    if timer:
        timer.join()
    return answers, time.monotonic() - begun


def _all(clerk, arguments):
    threads = [threading.Thread(target=clerk, args=each) for each in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
