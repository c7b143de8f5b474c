"""`trustwide messages`: send patients what is due, until told to stop. Several may run; none sends a message twice."""

from __future__ import annotations

import argparse
import datetime
import time

from trustwide.config.commands import CommandError, require_database, start_django

BETWEEN_ROUNDS = 30  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what is due now, then stop")


def run(options: argparse.Namespace) -> int:
    start_django()
    require_database()
    from django.core.exceptions import ImproperlyConfigured
    from django.utils import timezone

    from trustwide.exchange.messages.rounds import try_round

    try:
        if options.once:
            print(one_round(timezone.now()), flush=True)
            return 0
        while True:
            print(try_round(lambda: one_round(timezone.now())), flush=True)
            time.sleep(BETWEEN_ROUNDS)
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
    except KeyboardInterrupt:
        print("Stopped.")
    return 0


def one_round(now: datetime.datetime) -> str:
    """Queue reminders, ask the next about freed times, send what is due, seal events; what was done, in words."""
    from trustwide.exchange.messages.sending import send_due
    from trustwide.services.imaging.messages.actions import queue_reminders
    from trustwide.services.imaging.messages.delivery import SENDER
    from trustwide.services.imaging.messages.freed import offer_again
    from trustwide.services.imaging.messages.rules import leaves_here
    from trustwide.services.imaging.requests.sealing import AT_ONCE, seal_events

    reminders, offers = queue_reminders(now), offer_again(now)
    done = send_due(now)
    while (sealed := seal_events(by=SENDER)) == AT_ONCE:
        pass
    words = (
        f"{reminders} reminders and {offers} offers queued; {done.sent} messages sent, {done.failed} to try again, "
        f"{done.left_out} no longer wanted; {sealed} events sealed."
    )
    return words if leaves_here() else f"{words} This site does not book live, so no message leaves it."
