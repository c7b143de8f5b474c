"""A booking clerk as a process of its own: books random requests into random minutes and says what was committed.

Usage: python booking_worker.py SEED SECONDS. Prints `ready`, waits for a line, then one appointment id a line.
"""

from __future__ import annotations

import os
import random
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")


def main(seed: int, seconds: float) -> None:
    import django

    django.setup()
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.services.imaging.booking.actions import book, cancel
    from trustwide.services.imaging.booking.exceptions import BookingError
    from trustwide.services.imaging.booking.models import Appointment, ScannerSession
    from trustwide.services.imaging.booking.slots import CELL
    from trustwide.services.imaging.requests.models import ImagingRequest
    from trustwide.services.imaging.requests.pathway import PathwayError

    clerk = SystemActor(f"clerk {seed}")
    draw = random.Random(seed)
    requests = list(ImagingRequest.objects.values_list("pk", flat=True))
    sessions = list(ScannerSession.objects.values_list("pk", "opens_at", "cells"))
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        session, opens_at, cells = draw.choice(sessions)
        wanted = ImagingRequest.objects.select_related("exam", "patient", "site").get(pk=draw.choice(requests))
        try:
            if draw.random() < 0.2:
                held = Appointment.objects.in_force().filter(request=wanted).first()
                if held:
                    cancel(held, by=clerk, by_patient=True, reason="tried out")
                continue
            made = book(wanted, session, opens_at + draw.randrange(len(cells)) * CELL, by=clerk)
        except (BookingError, PathwayError):
            continue
        print(made.pk, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
