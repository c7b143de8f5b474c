"""Logs that never hold a patient's details."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

PATIENT_LINK = re.compile(r"/p/[^/\s]+")
ACCESS_KEY = re.compile(r"tw_([0-9a-f]{8})_[\w-]+")


class NoValuesFormatter(logging.Formatter):
    """Writes where an error came from and its kind, but not its message: a database error quotes the row it refused.

    The secret parts of a patient's link, and of a key that somebody put into an address, are left out too.
    """

    def format(self, record: logging.LogRecord) -> str:
        return ACCESS_KEY.sub(r"tw_\1_...", PATIENT_LINK.sub("/p/...", super().format(record)))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        kind, _, trace = ei
        frames = "".join(traceback.format_list(traceback.extract_tb(trace)))
        return f"{frames}{kind.__name__ if kind else 'no error'} (message left out)"
