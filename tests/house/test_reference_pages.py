"""The generated pages in docs/reference say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from trustwide.config.commands.docs_command import reference_pages

FOLDER = Path(__file__).parents[2] / "docs/reference"


@pytest.mark.parametrize("name", ["commands.md", "measures.md", "permissions.md", "levers.md", "api.md"])
def test_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == reference_pages()[name], "run `make docs` and commit"
