"""No file is longer than 400 lines and no function longer than 60."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
FOLDERS = ("src", "tests", "benchmarks", "scripts")
SUFFIXES = {".py", ".jinja", ".js", ".mjs", ".css", ".sh"}
NOT_OURS = {"migrations", "vendor", "__pycache__"}


def faults(name: str, text: str) -> list[str]:
    """One sentence for each file or function that is too long."""
    lines = len(text.splitlines())
    found = []
    if lines > LONGEST_FILE:
        found.append(f"{name} has {lines} lines, more than {LONGEST_FILE}; split it by what its parts are about.")
    nodes = ast.walk(ast.parse(text)) if name.endswith(".py") else []
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                found.append(
                    f"{name}, line {node.lineno}: {node.name}() has {length} lines; split it into named steps."
                )
    return found


def sources() -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES and not NOT_OURS & set(path.parts)
    )


def test_nothing_is_too_long():
    files = sources()
    assert len(files) > 100
    found = [fault for path in files for fault in faults(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_a_long_file_and_a_long_function_are_found():
    assert not faults("x.py", "def f():\n" + "    pass\n" * (LONGEST_FUNCTION - 1))
    assert "f()" in faults("x.py", "def f():\n" + "    pass\n" * LONGEST_FUNCTION)[0]
    assert not faults("x.css", "a {}\n" * LONGEST_FILE)
    assert "401 lines" in faults("x.css", "a {}\n" * (LONGEST_FILE + 1))[0]
