"""`trustwide doctor`: check the installation and say how to cure what is wrong."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from trustwide.config.commands import start_django


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `cure` is empty when all is well."""

    what: str
    seen: str
    cure: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(options: argparse.Namespace) -> int:
    findings = examine()
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{'wrong' if finding.cure else 'fine '}  {finding.what}: {finding.seen}")
            if finding.cure:
                print(f"       cure: {finding.cure}")
    return 1 if any(finding.cure for finding in findings) else 0


def examine() -> list[Finding]:
    """All checks that can be made; settings that do not load end them, because the rest depends on them."""
    findings = [python_version(), cache_folder()]
    settings = settings_load()
    findings.append(settings)
    if settings.cure:
        return findings
    findings += [assets(), secret_key(), definitions(), *database()]
    return findings


def python_version() -> Finding:
    seen = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("Python", seen, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer.")


def cache_folder() -> Finding:
    """Compiled kernels are kept in a folder that must be writable, or every start compiles them again."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parents[2] / "analysis")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Finding("folder for compiled code", f"{folder} is writable")
    except OSError as error:
        cure = f"Set NUMBA_CACHE_DIR to a folder you may write to ({error.strerror})."
        return Finding("folder for compiled code", f"{folder} is not writable", cure)


def settings_load() -> Finding:
    from django.core.exceptions import ImproperlyConfigured

    try:
        start_django()
    except (ImproperlyConfigured, OSError) as error:
        return Finding("settings", "do not load", str(error))
    from django.conf import settings

    return Finding("settings", "for people on the network" if settings.DEPLOYED else "for this machine only")


def assets() -> Finding:
    from django.contrib.staticfiles import finders

    needed = ["vendor/nhsuk/nhsuk-frontend.min.css", "vendor/nhsuk/nhsuk-frontend.min.js", "vendor/vega.js",
              "vendor/fonts/OpenSans_400Regular.ttf"]  # fmt: skip
    missing = [name for name in needed if finders.find(name) is None]
    if missing:
        return Finding("front-end files", f"{', '.join(missing)} missing", "Run `npm ci`, then `trustwide assets`.")
    return Finding("front-end files", "all there")


def secret_key() -> Finding:
    from django.conf import settings

    kept = settings.HOME / "secret_key"
    if len(settings.SECRET_KEY) < 40:
        return Finding("secret key", "is short", "Set TRUSTWIDE_SECRET_KEY to a random text of 50 characters or more.")
    if kept.exists() and kept.stat().st_mode & 0o077:
        return Finding("secret key", f"{kept} can be read by others", f"Run `chmod 600 {kept}`.")
    return Finding("secret key", "long and private")


def definitions() -> Finding:
    """Measures whose expression cannot be computed over the columns there are; the others are computed without them."""
    from trustwide.commons.measures.definition import measures
    from trustwide.commons.measures.definition_check import sound

    good, faults = sound(measures())
    if faults:
        seen = f"{len(faults)} of {len(good) + len(faults)} cannot be computed"
        return Finding("definitions of measures", seen, " ".join(faults))
    return Finding("definitions of measures", f"all {len(good)} can be computed")


def database() -> list[Finding]:
    """Reachable; then up to date; then the audit record intact, and what it seals. Each needs the one before it."""
    from django.db import DatabaseError, connection

    try:
        connection.ensure_connection()
    except DatabaseError as error:
        cure = "Start the database server, or correct DATABASE_URL."
        return [Finding("database", f"does not answer ({type(error).__name__})", cure)]
    findings = [Finding("database", connection.vendor)]
    for check in (migrations, audit_record, request_events):
        findings.append(check())
        if findings[-1].cure:
            break
    return findings


def migrations() -> Finding:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return Finding("tables", f"{len(waiting)} changes behind the code", "Run `trustwide manage migrate`.")
    return Finding("tables", "up to date")


def audit_record() -> Finding:
    from trustwide.commons.audit.actions import first_broken_link

    broken = first_broken_link()
    if broken is None:
        return Finding("audit record", "intact")
    return Finding(
        "audit record",
        f"changed from event {broken} on",
        "Keep a copy of the database, restore the last backup that is intact, and tell information security.",
    )


def request_events() -> Finding:
    """What happened to requests, as the audit record seals it."""
    from trustwide.services.imaging.requests.sealing import first_broken_seal

    broken = first_broken_seal()
    if broken is None:
        return Finding("what happened to requests", "intact")
    return Finding(
        "what happened to requests",
        f"changed in the sealed run that begins with event {broken}",
        "Keep a copy of the database, restore the last backup that is intact, and tell information security.",
    )
