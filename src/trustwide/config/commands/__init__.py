"""One module a sub-command of `trustwide`: `<name>_command.py` with add_arguments(parser) and run(options) -> int."""

import os


class CommandError(Exception):
    """A sentence for the person at the command line: what is wrong, where, what was expected and the cure."""


def start_django() -> None:
    """Load settings and apps; only the sub-commands that need the database call this."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trustwide.config.settings")
    import django

    django.setup()
