"""`trustwide digest`: send people the new signals they subscribed to. Run again, it sends only what is newer."""

from __future__ import annotations

import argparse

from trustwide.config.commands import CommandError, require_database, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace) -> int:
    start_django()
    require_database()
    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.measures.exceptions import DigestError
    from trustwide.commons.measures.signals.digests import send_digests
    from trustwide.commons.nhsuk.mail import written

    try:
        done = send_digests(by=SystemActor("digest"))
    except DigestError as refusal:
        raise CommandError(str(refusal)) from None
    print(f"{done.sentence}{written(done.sent)}")
    return 0
