"""`trustwide demo`: build the synthetic group in the embedded database, start the site, print address and logins."""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, start_django

if TYPE_CHECKING:
    from trustwide.demo.figures import DemoBuild
    from trustwide.exchange.returns import Dm01File

HOST = "127.0.0.1"
START_WITHIN = 60.0  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="where the site answers on this machine (default: 8000)")
    parser.add_argument(
        "--size", choices=["small", "group"], help="small: MRI and CT of three sites; group: all (default)"
    )
    parser.add_argument("--dm01", type=Path, metavar="FILE", help="monthly returns of real providers, shown beside it")
    parser.add_argument("--no-serve", action="store_true", help="build it, and do not start the site")
    parser.add_argument("--reset", action="store_true", help="build it anew; what was done in the old one is lost")


def run(options: argparse.Namespace) -> int:
    steps = Steps()
    if not options.no_serve:
        _check_port_is_free(options.port)
    if options.dm01 and not options.dm01.is_file():
        raise CommandError(f"--dm01 {options.dm01}: there is no such file. Name a .csv or .xlsx file of DM01 returns.")
    steps.tell("Starting")
    # everybody in the demo is invented, so names and letters may be shown
    os.environ.setdefault("TRUSTWIDE_LIVE_BOOKING", "yes")
    os.environ.setdefault("TRUSTWIDE_PUBLIC_ADDRESS", f"http://{HOST}:{options.port}")  # where links in mails lead
    start_django()
    _check_is_for_this_machine(serving=not options.no_serve)
    _prepare(options, steps)
    if options.no_serve:
        steps.tell("The demo is ready; start the site with: trustwide demo")
        return 0
    return _serve(options.port, steps)


class Steps:
    """Tells what is being done, with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def tell(self, step: str) -> None:
        """One line on the screen."""
        print(f"{time.monotonic() - self._started:6.1f} s  {step}", flush=True)


def _check_port_is_free(port: int) -> None:
    if not 1 <= port <= 65_535:
        raise CommandError(f"--port {port} is no port; choose one from 1024 to 65535, for example --port 8001.")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # as the server does: a port that was only just left is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            other = port + 1 if port < 65_535 else port - 1
            reason = (
                "only an administrator may use it" if isinstance(error, PermissionError) else "it is in use already"
            )
            raise CommandError(
                f"port {port} cannot be used: {reason}. Choose another one with --port {other}, "
                f"or with make demo PORT={other}."
            ) from error


def _check_is_for_this_machine(*, serving: bool) -> None:
    """The password of the demo is on the screen of everybody who starts one."""
    from django.conf import settings
    from django.db import connection

    from trustwide.config.commands import doctor_command

    if settings.DEPLOYED:
        raise CommandError(
            "TRUSTWIDE_HOSTS opens the site to other machines, but the demo's password is known to all. Unset it."
        )
    if connection.vendor != "sqlite":
        raise CommandError("DATABASE_URL names a database server; the demo keeps to a file of its own. Unset it.")
    pages = doctor_command.assets()
    if serving and pages.cure:
        raise CommandError(f"the pages cannot be shown: {pages.seen}. {pages.cure}")


def _prepare(options: argparse.Namespace, steps: Steps) -> None:
    """The database as it is wanted, with as little work as that takes."""
    from trustwide.demo import figures

    _check_database()
    _migrate(steps)
    found = figures.found()
    source = _source(options.dm01) if options.dm01 else ""
    public = _read(options.dm01, steps) if source and not figures.was_imported(source) else None
    wanted = figures.wanted(options.size or (found.size if found else "group"), _last_month(options, found, public))
    if found and found != wanted and not options.reset and (why := _worth_keeping(options)):
        steps.tell(_kept(found, wanted, why))
    elif found != wanted or options.reset:
        if found:
            steps.tell("Removing the demo that was there")
            _remove_database()
            _migrate(steps)
            public = _read(options.dm01, steps) if options.dm01 and public is None else public
        _build(wanted, steps)
    else:
        steps.tell(f"The demo is there already, with returns up to {wanted.last_month:%B %Y}")
    if public is not None:
        _import(public, source, steps)


def _build(wanted: DemoBuild, steps: Steps) -> None:
    from trustwide.demo.actions import build  # loads all that the figures are worked out with

    build(wanted, progress=steps.tell)


def _check_database() -> None:
    from django.db import DatabaseError, connection

    from trustwide.demo.exceptions import NotADemoDatabaseError
    from trustwide.demo.rules import check_can_build

    try:
        if connection.introspection.table_names():
            check_can_build()
    except NotADemoDatabaseError as error:
        raise CommandError(str(error)) from error
    except DatabaseError as error:
        raise CommandError(
            f"the database {connection.settings_dict['NAME']} is not of this version ({error}). "
            "Delete it if it is a demo, or set TRUSTWIDE_HOME to an empty folder."
        ) from error


def _migrate(steps: Steps) -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        steps.tell("Preparing the database")
        call_command("migrate", verbosity=0)


def _remove_database() -> None:
    from django.db import connection

    connection.close()
    for ending in ("", "-wal", "-shm"):
        Path(f"{connection.settings_dict['NAME']}{ending}").unlink(missing_ok=True)


def _source(path: Path) -> str:
    """The file's name and a hash of what is in it."""
    with path.open("rb") as file:
        return f"{path.name} {hashlib.file_digest(file, 'sha256').hexdigest()[:16]}"


def _read(path: Path, steps: Steps) -> Dm01File:
    from trustwide.exchange.returns import Dm01FormatError, read

    steps.tell(f"Reading {path.name}")
    try:
        file = read(path)
    except Dm01FormatError as error:
        raise CommandError(str(error)) from error
    except OSError as error:
        raise CommandError(f"{path} could not be read ({error.strerror}); check its permissions.") from error
    if file.frame.is_empty():
        raise CommandError(f"{path} holds no return that can be used; trustwide import dm01 {path} says why.")
    if file.rejected_rows:
        steps.tell(f"{file.rejected_rows:,} faulty rows left out; trustwide import dm01 {path} --dry-run lists them")
    return file


def _last_month(options: argparse.Namespace, found: DemoBuild | None, public: Dm01File | None) -> datetime.date:
    """The newest month of the group: that of the real providers beside it, else the last complete one."""
    from trustwide.demo import figures

    latest = figures.latest_complete_month(datetime.date.today())  # noqa: DTZ011
    if public is not None:
        newest: datetime.date = public.frame.select("month").max().item()
        return min(latest, newest)
    if found and (options.dm01 or (figures.public_data_imported() and not options.reset)):
        return found.last_month
    return latest


def _worth_keeping(options: argparse.Namespace) -> str:
    """What would be lost if the demo were built anew; empty for nothing."""
    from trustwide.demo import figures

    if figures.work_since_built():
        return "somebody worked in it"
    return "real providers are beside it" if not options.dm01 and figures.public_data_imported() else ""


def _kept(found: DemoBuild, wanted: DemoBuild, why: str) -> str:
    here = f"The demo that is here (returns up to {found.last_month:%B %Y}, size {found.size}) is kept because {why}"
    anew = f"returns up to {wanted.last_month:%B %Y}, size {wanted.size}"
    return f"{here}; trustwide demo --reset builds it anew ({anew}) without that"


def _import(public: Dm01File, source: str, steps: Steps) -> None:
    from trustwide.demo.figures import DEMO
    from trustwide.services.imaging.actions import import_returns

    steps.tell(f"Adding {public.frame['provider_code'].n_unique():,} real providers of {public.name}")
    import_returns(public.frame, by=DEMO, source=source, progress=steps.tell)


def _serve(port: int, steps: Steps) -> int:
    from django.db import connections

    from trustwide.config.processes import Processes

    connections.close_all()
    address = f"http://{HOST}:{port}/"
    steps.tell("Starting the site")
    with Processes() as processes:
        processes.start("serve", "--host", HOST, "--port", str(port))
        if processes.wait_until_it_answers(f"{address}healthz", START_WITHIN):
            steps.tell("Ready")
            processes.start("worker")
            print(_welcome(address), flush=True)
            processes.wait()
        ended = None if processes.told_to_stop else processes.ended() or "serve"
    if ended:
        raise CommandError(f"trustwide {ended} did not keep running; what it said stands above. Start the demo again.")
    steps.tell("Stopped")
    return 0


def _welcome(address: str) -> str:
    from trustwide.commons.accounts.models import Membership
    from trustwide.demo.people import PASSWORD, PEOPLE

    rows = [(someone.email, str(Membership.Role(someone.role).label), someone.sees) for someone in PEOPLE]
    widths = [max(len(row[column]) for row in rows) + 2 for column in range(2)]
    people = "\n".join(f"  {email:<{widths[0]}}{role:<{widths[1]}}{sees}" for email, role, sees in rows)
    return (
        f"\nTrustwide answers at {address}\nThe password of everybody is {PASSWORD}\n\n{people}\n\n"
        "All of it is invented. Stop it with Ctrl+C.\n"
    )
