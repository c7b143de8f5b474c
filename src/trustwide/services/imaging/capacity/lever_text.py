"""Reads the text of a lever file with the reader of files, which refuses what unfolds into a flood."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

LEVER_FILE = "levers.yaml"


def read_levers(text: str) -> list[dict[str, Any]]:
    """The measures a text holds, as plain data; none for an empty text. Raises LeverError, a line for each fault."""
    from trustwide.analysis.capacity import load_levers
    from trustwide.analysis.capacity.service import read_yaml

    if not text.strip():
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / LEVER_FILE
        path.write_text(text, encoding="utf-8")
        load_levers(path)
        read: list[dict[str, Any]] = json.loads(json.dumps(read_yaml(path), default=str))
    return read
