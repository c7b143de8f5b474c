"""The board report as a PDF: accessible, the same bytes each time, and the figures of the report."""

from __future__ import annotations

import io
from itertools import pairwise

import outloud
import pikepdf
import pypdf
import pytest

from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.tests.report_stage import NEWEST, build
from trustwide.exchange.briefs.board import board_pdf


@pytest.fixture
def report(cast, monkeypatch):
    stage = build(cast, monkeypatch)
    return performance_report(stage.chief, scope_of(stage.chief, "partnership", "group"), NEWEST)


@pytest.fixture
def pdf(report):
    return board_pdf(report)


def elements(node):
    """Every structure element below a node, in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_it_passes_a_check_against_pdf_ua(pdf, tmp_path):
    path = tmp_path / "board.pdf"
    path.write_bytes(pdf)
    result = outloud.check(str(path))
    assert result.error is None
    assert [(each.rule, each.message) for each in result.findings if each.severity != "info"] == []
    assert (result.verdict, result.errors, result.warnings) == ("pass", 0, 0)


def test_its_structure_reads_aloud(pdf, report):
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        root = opened.Root
        assert str(root.Lang) == "en-GB"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert opened.open_metadata()["dc:title"] == "Two Rivers Group: Performance report, December 2025"
        assert opened.open_metadata()["pdfuaid:part"] == "1"
        found = list(elements(root.StructTreeRoot))
        kinds = [str(each.S) for each in found]
        levels = [int(kind[2:]) for kind in kinds if kind[:2] == "/H" and kind[2:].isdigit()]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        figures = [each for each in found if str(each.S) == "/Figure"]
        pictures = sum(len(aim.pictures) for aim in report.aims)
        judged = sum(bool(cell.variation) for aim in report.aims for cell in aim.cells())
        assert len(figures) >= pictures + judged
        assert all(str(each.get("/Alt", "")) for each in figures)
        heads = [each for each in found if str(each.S) == "/TH"]
        assert kinds.count("/Table") == 1 + len([aim for aim in report.aims if aim.lines]) + 2
        assert all("/Column" in str(each.A) for each in heads)


def test_the_same_report_gives_the_same_bytes(pdf, report):
    assert board_pdf(report) == pdf


def test_it_holds_the_figures_words_and_definitions(pdf, report):
    text = " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert report.answer in text
    for aim in report.aims:
        if aim.lines:
            assert aim.title in text
        for cell in aim.cells():
            assert cell.figure in text
    for definition in report.definitions:
        assert definition.title in text
    assert "How to read this report" in text


def test_many_sites_go_into_several_tables(report):
    from dataclasses import replace

    aims = tuple(
        replace(aim, lines=tuple(replace(line, cells=line.cells * 3) for line in aim.lines)) for aim in report.aims
    )
    wide = replace(
        report, aims=aims, scope=replace(report.scope, sites=report.scope.sites * 3 + report.scope.sites[:2])
    )
    with pikepdf.open(io.BytesIO(board_pdf(wide))) as opened:
        kinds = [str(each.S) for each in elements(opened.Root.StructTreeRoot)]
    assert kinds.count("/Table") == 3 + 2 * len([aim for aim in report.aims if aim.lines])
