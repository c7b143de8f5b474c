"""One booking clerk as a process: books what it is told, one after the other, and says what was committed.

Usage: python booking_worker.py SECONDS < lines of "request session starts_at". Prints `ready`, waits for the line `go`
on its input after the work, then prints one line an attempt that succeeded: request, session, starts_at, milliseconds;
at last the attempts that did not, and its processor seconds.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")


def work(seconds):
    """Everything up to an empty line is work; the next line is the start."""
    import django

    django.setup()
    from django.db import connection

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.booking.actions import book
    from trustwide.services.imaging.booking.exceptions import BookingError
    from trustwide.services.imaging.requests.models import ImagingRequest

    clerk = SystemActor("clerk")
    todo = [line.split() for line in iter(sys.stdin.readline, "\n")]
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    refused, end = 0, time.monotonic() + seconds
    for request, session, starts in todo:
        if (begun := time.monotonic()) > end:
            break
        wanted = ImagingRequest.objects.light().prefetch_related("patient__needs").get(pk=request)
        try:
            book(wanted, int(session), dt.datetime.fromisoformat(starts), by=clerk)
        except BookingError:
            refused += 1
        else:
            print(request, session, starts, f"{(time.monotonic() - begun) * 1000:.2f}", flush=True)
    else:
        print("too little work", file=sys.stderr)
    print("refused", refused, time.process_time(), flush=True)


if __name__ == "__main__":
    work(float(sys.argv[1]))
