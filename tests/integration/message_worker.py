"""A sender of messages, or a patient who accepts an offer, as a process of its own.

Usage: python message_worker.py send NOW, or accept OFFER. Prints `ready`, waits for a line, then says what it did.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")


def send(now: str) -> None:
    """Queue reminders and send them; prints the number of every message that was handed to the provider."""
    import datetime

    from trustwide.exchange.messages.sending import send_due
    from trustwide.services.imaging.messages.actions import queue_reminders
    from trustwide.services.imaging.messages.delivery import Outgoing

    class Printer:
        def send(self, outgoing: Outgoing) -> str:
            print(outgoing.message.pk, flush=True)
            return "printed"

    at = datetime.datetime.fromisoformat(now)
    queue_reminders(at)
    send_due(at, lambda channel: Printer())


def accept(offer: str) -> None:
    """Accept one offer; prints `has it` or `taken`."""
    from trustwide.commons.patients.actor import PatientActor
    from trustwide.services.imaging.booking.exceptions import BookingError
    from trustwide.services.imaging.booking.models import Offer
    from trustwide.services.imaging.booking.offers import accept_offer

    offered = Offer.objects.select_related("request__patient", "request__exam").get(pk=int(offer))
    print("loaded", flush=True)
    sys.stdin.readline()
    try:
        accept_offer(offered, by=PatientActor(offered.request.patient))
    except BookingError:
        print("taken")
    else:
        print("has it")


if __name__ == "__main__":
    import django

    django.setup()
    print("ready", flush=True)
    sys.stdin.readline()
    {"send": send, "accept": accept}[sys.argv[1]](sys.argv[2])
