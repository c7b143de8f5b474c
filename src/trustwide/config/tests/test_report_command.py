"""`trustwide report board` on a real database: files, whose they are, and refusals in a sentence."""

from __future__ import annotations

import pytest
from python_calamine import CalamineWorkbook

from trustwide.commons.accounts.tests.cast import STAGE, build_cast
from trustwide.commons.measures.performance.tests.report_stage import build
from trustwide.commons.organisations.actions import create_partnership
from trustwide.config.cli import main

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(monkeypatch):
    return build(build_cast(), monkeypatch)


def report(tmp_path, *more, month="2025-12", name="board.xlsx"):
    out = tmp_path / name
    return main(["report", "board", "--month", month, "--out", str(out), *more]), out


def places(path):
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Rows").to_python()
    return {row[2] for row in rows[4:]}


def test_the_only_group_a_partner_or_a_site(stage, tmp_path, capsys):
    status, out = report(tmp_path)
    assert (status, places(out)) == (0, {"North", "Middle", "South", "Group"})
    assert "In December 2025, one of 12 charts shows concern" in capsys.readouterr().out
    assert report(tmp_path, "--partnership", "group")[0] == 0
    assert places(report(tmp_path, "--partner", "T1")[1]) == {"North", "Middle", "All sites"}
    assert places(report(tmp_path, "--site", "S1")[1]) == {"South"}


def test_a_pdf_is_the_same_each_time_and_small_numbers_are_hidden_in_files(stage, tmp_path):
    first, second = (report(tmp_path, month="2025-06", name=name)[1].read_bytes() for name in ("a.pdf", "b.pdf"))
    assert first.startswith(b"%PDF-1.7")
    assert first == second
    book = CalamineWorkbook.from_path(str(report(tmp_path, month="2025-06")[1]))
    assert "Suppressed" in {row[3] for row in book.get_sheet_by_name("Safe and right first time").to_python()}


@pytest.mark.parametrize(
    ("more", "month", "name", "said"),
    [
        ([], "2025-13", "b.pdf", "--month 2025-13: expected a month as YYYY-MM, for example 2026-03."),
        ([], "0000-01", "b.pdf", "expected a month as YYYY-MM"),
        ([], "2019-01", "b.pdf", "Two Rivers Group has figures of 2024-01 to 2025-12; name a month of those."),
        ([], "2025-12", "b.doc", "name a file that ends in .pdf or .xlsx."),
        ([], "2025-12", "no/b.pdf", "there is no folder"),
        (["--site", "X9"], "2025-12", "b.pdf", '--site X9: There is no site "X9"'),
        (["--site", "X9"], "2025-12", "b.pdf", "choose another. Our own: M1, N1, S1."),
        (["--partner", "T7"], "2025-12", "b.pdf", "choose another. Our own: T1, T2."),
        (["--partnership", "x"], "2025-12", "b.pdf", "choose another. Our own: group."),
        (["--partnership", "public"], "2025-12", "b.pdf", "name one of its partners"),
        (["--site", "E9"], "2025-12", "b.pdf", "there are no figures of Elsewhere Trust yet"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_cure(stage, tmp_path, capsys, more, month, name, said):
    status, out = report(tmp_path, *more, month=month, name=name)
    assert status == 1
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_of_several_groups_one_is_named(stage, tmp_path, capsys):
    create_partnership("other", "Another group", by=STAGE)
    assert report(tmp_path)[0] == 1
    assert "name the group with --partnership: there are group, other." in capsys.readouterr().err
