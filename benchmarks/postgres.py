"""A PostgreSQL server of our own for a benchmark, with the durability of a real one, kept in a folder between runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

DEBIAN_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
}


def binaries():
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else next(iter(DEBIAN_BINARIES), None)


class Server:
    """A running server whose socket lies in `folder`."""

    def __init__(self, folder):
        self.folder, self.programs, self.process = Path(folder), binaries(), None

    def url(self, name="postgres"):
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/{name}"

    def start(self):
        data = self.folder / "data"
        if not data.exists():
            self._run("initdb", "-D", data, "-A", "trust", "-U", "postgres")
        settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [*self._as_owner(), self.programs / "postgres", "-D", data, "-k", self.folder, *settings]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(600):
            if not subprocess.run([self.programs / "pg_isready", "-h", self.folder, "-q"], check=False).returncode:
                return
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL did not start within a minute; see {self.folder}/log")

    def sql(self, statement, name="postgres"):
        """What psql prints for one statement, without headings."""
        command = [self.programs / "psql", "-h", self.folder, "-U", "postgres", "-d", name, "-XAtqc", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def has(self, name):
        return self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == "1"

    def copy(self, old, new):
        """A database as another one is now."""
        self.drop(new)
        self.sql(f"CREATE DATABASE {new} TEMPLATE {old}")

    def drop(self, name):
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def kill(self):
        """As if the machine's power went: no process of the server gets to write anything more."""
        pid = self.process.pid
        for one in [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # without waiting for clients
        self.process.wait(timeout=60)

    def _run(self, program, *arguments):
        command = [*self._as_owner(), self.programs / program, *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def _as_owner(self):
        # the server refuses to run as root
        if os.getuid() != 0:
            return []
        shutil.chown(self.folder, "postgres", "postgres")
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def running(folder):
    """A server in `folder`, stopped at the end; its databases stay."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
