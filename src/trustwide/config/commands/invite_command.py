"""`trustwide invite`: give somebody a role from the command line, above all the first administrator."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, prepare_database, start_django

if TYPE_CHECKING:
    from trustwide.commons.organisations.models import Partner, Partnership, Site


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email")
    parser.add_argument("--name", required=True, help="the person's name")
    parser.add_argument("--role", default="administrator")
    parser.add_argument("--at", required=True, metavar="CODE", help="partnership slug, partner code or site code")
    parser.add_argument("--found", metavar="NAME", help="found the partnership of this name if CODE does not exist")
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="where people reach this site")


def run(options: argparse.Namespace) -> int:
    start_django()
    from django.db import transaction

    from trustwide.commons.accounts.actions import add_member, create_person, make_password_link
    from trustwide.commons.accounts.models import Membership, User
    from trustwide.commons.audit.actions import SystemActor

    if options.role not in Membership.Role.values:
        raise CommandError(f"there is no role '{options.role}'. Choose from {', '.join(Membership.Role.values)}.")
    prepare_database()
    by, reason = SystemActor("trustwide invite"), "invited from the command line"
    with transaction.atomic():
        where = _place(options.at) or _found(options.at, options.found)
        known = User.objects.filter(email__iexact=options.email).first()
        person = known or create_person(options.email, options.name, by=by)
        add_member(person, options.role, where, by=by, reason=reason)
        link = make_password_link(person, by=by, reason=reason)
    print(f"{person} is now {options.role} at {where}. The link to set a password works once, for one day:")
    print(options.address.rstrip("/") + link)
    return 0


def _place(code: str) -> Partnership | Partner | Site | None:
    from trustwide.commons.organisations.models import Partner, Partnership, Site

    return (
        Partnership.objects.filter(slug=code).first()
        or Partner.objects.filter(code=code).first()
        or Site.objects.filter(code=code).first()
    )


def _found(slug: str, name: str | None) -> Partnership:
    from django.core.exceptions import ValidationError

    from trustwide.commons.audit.actions import SystemActor
    from trustwide.commons.organisations.actions import create_partnership
    from trustwide.commons.organisations.models import Partnership

    if name is None:
        known = ", ".join(Partnership.objects.values_list("slug", flat=True)) or "none yet"
        raise CommandError(
            f"there is no partnership, partner or site '{slug}' (partnerships: {known}). Check the code, or add "
            "--found NAME to found a partnership."
        )
    try:
        return create_partnership(slug, name, by=SystemActor("trustwide invite"))
    except ValidationError as error:
        raise CommandError(f"'{slug}' cannot be a partnership: {' '.join(error.messages)}") from None
