"""Everything that `trustwide` can do says what it is, without a database or settings."""

from __future__ import annotations

import pytest

from trustwide.config.cli import COMMANDS, main


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "80 % interval" in said
    assert all(f"    {name}" in said for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"manage"}))
def test_every_command_says_how_it_is_used(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: trustwide {name}")
