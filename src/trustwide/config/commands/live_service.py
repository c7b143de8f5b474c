"""A service from this week's list, sessions and rates, for the sub-commands that run services."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, start_django

if TYPE_CHECKING:
    from trustwide.analysis.capacity import Service
    from trustwide.commons.organisations.models import Partnership
    from trustwide.services.imaging.capacity.actions import Content


def add_live(parser: argparse.ArgumentParser) -> None:
    """Where a service comes from if not from a file."""
    parser.add_argument(
        "--from-live", nargs="?", const="", metavar="PARTNERSHIP",
        help="in place of a file: today's waiting list, sessions and rates of this partnership (or of the only one)",
    )  # fmt: skip
    parser.add_argument("--modality", default="MR", metavar="CODE", help="with --from-live: MR (default), CT, US ...")
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="with --from-live: write the service file and its list there"
    )


def check_one_source(options: argparse.Namespace) -> None:
    """Raise CommandError unless there is a file or --from-live, and not both."""
    if (options.service is None) == (options.from_live is None):
        raise CommandError("name a service file, or --from-live for a service as it stands today; one of the two.")
    if options.export is not None and options.from_live is None:
        raise CommandError("--export goes with --from-live, which describes the service to be written; leave it out.")


def live_service(options: argparse.Namespace) -> Service:
    """The service as it stands today, written to a folder if asked. Raises CommandError where there is none."""
    from trustwide.analysis.capacity import ServiceError

    start_django()
    from trustwide.services.imaging.capacity.description import checked
    from trustwide.services.imaging.capacity.live.description import from_live
    from trustwide.services.imaging.capacity.live.scope import NothingLiveError
    from trustwide.services.imaging.requests.models import Modality

    if options.modality not in Modality.values:
        known = ", ".join(Modality.values)
        raise CommandError(f"--modality {options.modality}: there is no such modality; expected one of {known}.")
    try:
        content = from_live(_partnership(options.from_live), options.modality)
    except (NothingLiveError, ServiceError) as error:
        raise CommandError(str(error)) from error
    for note in (content.notes or {}).values():
        print(note, file=sys.stderr)
    if options.export is not None:
        _write(content, options.export)
    return checked(content.described, content.rows or None)


def _partnership(slug: str) -> Partnership:
    from trustwide.commons.organisations.models import Partnership

    groups = Partnership.objects.filter(comparison=False).order_by("slug")
    found = list(groups.filter(slug=slug) if slug else groups)
    if len(found) == 1:
        return found[0]
    known = ", ".join(groups.values_list("slug", flat=True)) or "none"
    wrong = f"--from-live {slug}: there is no such partnership" if slug else "--from-live: say which partnership"
    raise CommandError(f"{wrong}; here are: {known}.")


def _write(content: Content, folder: Path) -> None:
    from trustwide.services.imaging.capacity.description import LIST_FILE, SERVICE_FILE, file_text

    text = file_text(content.described, content.notes or {}, listed=bool(content.rows))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SERVICE_FILE).write_text(text, encoding="utf-8")
        if content.rows:
            (folder / LIST_FILE).write_text(content.rows, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--export {folder}: it cannot be written ({error.strerror}); name another.") from error


def service_of(options: argparse.Namespace) -> Service:
    """The service to be run: of the file, or as it stands today."""
    from trustwide.analysis.capacity.service import load_service

    check_one_source(options)
    return load_service(options.service) if options.service is not None else live_service(options)
