"""Runs several of our own commands side by side, and stops them all together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from types import FrameType, TracebackType
from urllib.error import URLError

STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE = 8.0  # seconds a process has to finish what it is doing
BETWEEN_LOOKS = 0.2


class Processes:
    """`trustwide` commands that live and die together. Use in a `with` block; leaving it stops them."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.told_to_stop = False

    def __enter__(self) -> Processes:
        for signal_number in STOPPING_SIGNALS:
            signal.signal(signal_number, self._stop_soon)
        return self

    def start(self, command: str, *arguments: str) -> None:
        """Start one more of our own commands."""
        # a session of its own, so that Ctrl+C reaches us alone and each process is stopped once
        self._running[command] = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "trustwide", command, *arguments],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.terminate()
        last_moment = time.monotonic() + GRACE
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, last_moment - time.monotonic()))
            # and whatever it started itself
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def ended(self) -> str | None:
        """The name of a command that has ended by itself, or None."""
        return next((command for command, process in self._running.items() if process.poll() is not None), None)

    def wait_until_it_answers(self, address: str, seconds: float) -> bool:
        """Whether a page answers at `address` within `seconds`, with every process still running."""
        last_moment = time.monotonic() + seconds
        while time.monotonic() < last_moment and not self.told_to_stop and self.ended() is None:
            with suppress(URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(address, timeout=5).close()  # noqa: S310
                return True
            time.sleep(BETWEEN_LOOKS)
        return False

    def wait(self) -> None:
        """Until a signal tells us to stop, or one of them ends by itself."""
        while not self.told_to_stop and self.ended() is None:
            time.sleep(BETWEEN_LOOKS)

    def _stop_soon(self, signal_number: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
