"""`trustwide serve`: the production application server."""

from __future__ import annotations

import argparse
import importlib
from typing import Any

from trustwide.config.commands import CommandError, start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument(
        "--workers", type=int, default=1, help="processes; each keeps its own count of sign-in attempts"
    )
    parser.add_argument("--threads", type=int, default=8, help="threads in each process")


def run(options: argparse.Namespace) -> int:
    start_django()
    _check_ready()
    _collect_static_files()
    serve(f"{options.host}:{options.port}", workers=options.workers, threads=options.threads)
    return 0


def serve(bind: str, *, workers: int, threads: int) -> None:
    """Serve until the process is told to stop. Django must be started."""
    from django.db import connections
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            chosen = {"bind": bind, "workers": workers, "threads": threads, "worker_class": "gthread"}
            for name, value in {**chosen, "timeout": 60, "loglevel": "warning", "control_socket_disable": True}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return importlib.import_module("trustwide.config.wsgi").application

    # a connection opened here must not be shared by the processes that follow
    connections.close_all()
    print(f"Trustwide answers at http://{bind}/ (stop it with Ctrl+C)", flush=True)
    Server().run()


def _check_ready() -> None:
    """A database behind the code would fail on the first page; say so before anybody sees it."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("the database is not up to date. Run `trustwide manage migrate` first.")


def _collect_static_files() -> None:
    from django.conf import settings
    from django.core.management import call_command

    if settings.DEPLOYED:
        call_command("collectstatic", interactive=False, verbosity=0)
