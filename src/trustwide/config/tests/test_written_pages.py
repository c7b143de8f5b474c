"""`trustwide backtest` and `trustwide docs` refuse what they cannot do before the work, in a sentence."""

from __future__ import annotations

import pytest

from trustwide.config.cli import main
from trustwide.config.commands.docs_command import commands_page
from trustwide.exchange.returns.tests.returns_cases import CASES

BACKTEST = ["backtest", "--dm01", str(CASES / "published_by_provider.csv")]


@pytest.mark.parametrize(
    ("where", "sentence"), [("missing/out.md", "there is no folder"), ("", "that is a folder; name a file in it")]
)
def test_a_table_that_cannot_be_written(tmp_path, capsys, monkeypatch, where, sentence):
    monkeypatch.setattr("trustwide.exchange.returns.read", lambda path: pytest.fail("the work was begun"))
    assert main([*BACKTEST, "--out", str(tmp_path / where)]) == 1
    assert sentence in capsys.readouterr().err


def test_a_test_that_is_not_known(capsys):
    assert main([*BACKTEST, "--tests", "MRI", "FOO"]) == 1
    assert 'The test "FOO" is not known; expected one of MRI, CT,' in capsys.readouterr().err


def test_pages_in_a_folder_that_cannot_be_made(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("trustwide.config.commands.docs_command.reference_pages", lambda: pytest.fail("work begun"))
    (tmp_path / "file").write_text("")
    assert main(["docs", "--folder", str(tmp_path / "file" / "pages")]) == 1
    assert "it cannot be made (Not a directory); name another." in capsys.readouterr().err


def test_pages_in_a_folder_that_may_not_be_changed(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may write anywhere
    assert main(["docs", "--folder", str(tmp_path)]) == 1
    assert "you may not write there; name another." in capsys.readouterr().err


def test_options_of_actions_are_on_the_page_of_commands():
    page = commands_page()
    assert "### trustwide lake status" not in page, "its line says all"
    for action, options in (
        ("lake measures", ["--engine", "--out", "--first"]),
        ("report board", ["--month", "--site"]),
    ):
        text = page.split(f"### trustwide {action}\n")[1].split("\n#")[0]
        assert [option for option in options if option not in text] == []
