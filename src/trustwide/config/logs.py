"""Logs that never hold a patient's details."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

PATIENT_LINK = re.compile(r"/p/[^/\s]+")


class NoValuesFormatter(logging.Formatter):
    """Writes where an error came from and its kind, but not its message: a database error quotes the row it refused.

    The secret part of a patient's link is left out too.
    """

    def format(self, record: logging.LogRecord) -> str:
        return PATIENT_LINK.sub("/p/...", super().format(record))

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        kind, _, trace = ei
        frames = "".join(traceback.format_list(traceback.extract_tb(trace)))
        return f"{frames}{kind.__name__ if kind else 'no error'} (message left out)"
