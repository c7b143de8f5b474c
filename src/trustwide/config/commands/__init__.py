"""One module a sub-command of `trustwide`: `<name>_command.py` with add_arguments(parser) and run(options) -> int."""

import os
import sys
from pathlib import Path


class CommandError(Exception):
    """A sentence for the person at the command line: what is wrong, where, what was expected and the cure."""


def start_django() -> None:
    """Load settings and apps; only the sub-commands that need the database call this."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")
    import django

    django.setup()


def prepare_database() -> None:
    """A database without a single table gets them; one that is behind is left to its administrator."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if connection.introspection.table_names():
        raise CommandError(
            "the database is older than this program; bring it up to date with: trustwide manage migrate"
        )
    print("Preparing a new database", file=sys.stderr, flush=True)
    call_command("migrate", verbosity=0)


def require_database() -> None:
    """Refuse to work on a database without tables, which mostly means: in another folder than the site's."""
    from django.conf import settings
    from django.db import connection

    if not connection.introspection.table_names():
        raise CommandError(
            f"there is no Trustwide database in {settings.HOME}; run this in the folder of the site, or set "
            "TRUSTWIDE_HOME (or DATABASE_URL) as the site has it."
        )


def check_writable(option: str, path: Path) -> None:
    """Refuse a file that could not be written before the work is done, not after it."""
    if not path.parent.is_dir():
        raise CommandError(f"{option} {path}: there is no folder {path.parent}; make it or name another.")
    if path.is_dir():
        raise CommandError(f"{option} {path}: that is a folder; name a file in it.")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise CommandError(f"{option} {path}: you may not write there; name another place.")
