"""Page, PDF and workbook show the same report: every figure of the one stands on the others."""

from __future__ import annotations

import datetime as dt
import io

import pypdf
import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.actions import ghost_period, rebase_chart, redraw
from trustwide.commons.measures.definition import measure
from trustwide.commons.measures.figures import scale
from trustwide.commons.measures.models import Observation, QualityNote, Signal, StrategicAim
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.model import places
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.tests.report_stage import LATE, NEWEST, build, put
from trustwide.commons.measures.signals.actions import assign_signal, snooze_signal
from trustwide.commons.measures.tests.conftest import month
from trustwide.commons.nhsuk.formats import thousands
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.exchange.briefs.board import board_pdf
from trustwide.exchange.workbooks.board import board_workbook
from trustwide.services.improvement.actions import open_project
from trustwide.services.improvement.models import Project

ADDRESS = "?scope=partnership:group&month=2025-06"


@pytest.fixture
def stage(cast, monkeypatch):
    return build(cast, monkeypatch)


def on_the_page(client):
    """(measure, place) -> figure, as the page shows it."""
    found = {}
    for table in Page(client.get(f"/performance/{ADDRESS}")).tables:
        head = table[0][1:]
        for row in table[1:]:
            for place, cell in zip(head, row[1:], strict=True):
                name, _, rest = cell.partition(f", {place}: ")
                found[name, place] = rest.split()[0]
    return found


def in_the_workbook(client):
    """The same, from the figures of the workbook's sheets of aims."""
    content = client.get(f"/workbooks/performance.xlsx{ADDRESS}").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    codes = {row[0]: row[1] for row in book.get_sheet_by_name("Definitions").to_python()[4:]}
    found = {}
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python()
        if len(rows) > 3 and rows[3][:2] == ["Measure", "Place"]:
            for row in rows[4:]:
                if row[1]:
                    found[row[0], row[1]] = _as_read(codes[row[0]], row[3])
    return found


def _as_read(code, value):
    if isinstance(value, str):
        return value
    definition = measure(code)
    return thousands(value, places(definition)) + ("%" if scale(definition) == 100 else "")


def test_every_figure_is_the_same_everywhere(stage, client):
    for viewer, hides in ((stage.chief, False), (_board(stage), True)):
        client.force_login(viewer)
        page = on_the_page(client)
        assert len(page) == 16
        assert ("Suppressed" in page.values()) == hides
        assert in_the_workbook(client) == page
        text = on_paper(client.get(f"/briefs/performance.pdf{ADDRESS}").content)
        by_measure = {}
        for (name, _), figure in page.items():
            by_measure.setdefault(name, []).append(figure)
        for name, figures in by_measure.items():
            _in_order(text, name, figures)


def _board(stage):
    from trustwide.commons.accounts.actions import add_member
    from trustwide.commons.accounts.tests.cast import person

    someone = person("Board Reader")
    add_member(someone, "board_member", stage.group, by=STAGE, reason="for the test")
    return someone


def _in_order(text, name, figures):
    """The figures follow the measure's name in the PDF's text, in the order of the page."""
    places_of_name = [start for start in range(len(text)) if text.startswith(name, start)]
    assert any(_follow(text[start : start + 700], figures) for start in places_of_name), (name, figures)


def _follow(text, figures):
    at = 0
    for figure in figures:
        at = text.find(figure, at)
        if at < 0:
            return False
        at += len(figure)
    return True


NEWEST_MONTH = "?scope=partnership:group&month=2025-12"


def on_paper(pdf):
    """The words of a PDF as one line."""
    return " ".join(" ".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def in_words(content):
    """The cells of a workbook as one line."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return " ".join(
        str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row
    )


def words_everywhere(client):
    """The words of page, PDF and workbook, each as one line."""
    # a stop or colon after a link stands alone in the text that the parser gives
    yield Page(client.get(f"/performance/{NEWEST_MONTH}")).text.replace(" . ", ". ").replace(" : ", ": ")
    yield on_paper(client.get(f"/briefs/performance.pdf{NEWEST_MONTH}").content)
    yield in_words(client.get(f"/workbooks/performance.xlsx{NEWEST_MONTH}").content)


def test_what_is_said_of_signals_and_doubts_is_the_same_everywhere(stage, client):
    signal, lead = Signal.objects.get(), stage.people["improvement_lead"]
    until = dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=30)
    snooze_signal(signal, until=until, reason="New rota", by=STAGE)
    assign_signal(signal, to=lead, by=STAGE)
    QualityNote.objects.create(measure="share_late", site=stage.north, breakdown="MRI", kind="copied",
                               period=month(20), until=month(20), sentence="From 3 to 40.")  # fmt: skip
    client.force_login(stage.chief)
    for text in words_everywhere(client):
        assert f"Put off until {until.day} {until:%B %Y}: New rota. Assigned to {lead}." in text
        assert "To doubt: September 2025: copied from August (MRI)." in text
        assert f"Assigned to {lead}. To doubt: September 2025: copied from August." in text
        assert "Closed on the figures" not in text
    rebase_chart("share_late", stage.north, "MRI", month(12), reason="A new clinic", by=STAGE)
    assert Signal.objects.get().closed == NEWEST
    for text in words_everywhere(client):
        assert "Closed on the figures of December 2025" in text
        assert "MRI, North. Closed: the limits were recalculated from January 2025 on." in text


def test_a_month_left_out_is_not_judged_and_doubts_go_with_a_change_everywhere(stage, client):
    QualityNote.objects.create(measure="share_late", site=stage.north, breakdown="MRI", kind="zero", period=month(0),
                               until=month(0), sentence="None of 40.")  # fmt: skip
    ghost_period("falls", stage.south, "", NEWEST, reason="Twice counted", by=STAGE)
    client.force_login(stage.chief)
    for text in words_everywhere(client):
        assert "To doubt: January 2024: zero-filled (MRI)." in text
        assert "Not judged: December 2025 is left out." in text
        assert "of one the newest figure is left out, so it is not judged." in text
    Signal.objects.update(opened_at=timezone.now(), opened=month(6))
    for text in words_everywhere(client):
        assert "Signals were not kept yet then; the icons are as the charts stood." in text


def test_every_concern_is_listed_everywhere_and_what_is_cut_leads_to_the_list(stage, client, monkeypatch):
    monkeypatch.setattr("trustwide.commons.measures.performance.figures.MOST_SIGNALS", 1)
    rise = [10.0 + place % 3 for place in range(14)] + [30.0] * 10
    Observation.objects.filter(measure="share_late", site__in=[stage.middle, stage.south]).delete()
    for breakdown in ("MRI", "CT"):
        put(LATE, stage.middle, [40 - each for each in rise], breakdown, out_of=100)
        redraw("share_late", stage.middle, breakdown)
    put(LATE, stage.south, rise, out_of=100)
    redraw("share_late", stage.south, "MRI")
    client.force_login(stage.chief)
    for text in words_everywhere(client):
        for place in ("North", "South"):
            assert f"MRI, {place}: Higher than usual" in text
        assert "Middle: Lower than usual" not in text
        assert "and 2 more signals that show no concern" in text
    page = Page(client.get(f"/performance/{NEWEST_MONTH}"))
    address = dict(page.links)["the signals that are open now"]
    assert address == "/signals/?where=group&aim=access"
    assert "Middle" in Page(client.get(address)).text
    site = Page(client.get("/performance/?scope=site:M1&month=2025-12"))
    assert dict(site.links)["the signals that are open now"] == "/signals/?where=all&site=M1&aim=access"
    partner = Page(client.get("/performance/?scope=partner:T1&month=2025-12"))
    assert "and 2 more signals that show no concern" in partner.text
    assert "the signals that are open now" not in dict(partner.links), "the list knows no partner"


def test_nothing_that_somebody_wrote_is_in_a_file_for_readers_nobody_knows(stage):
    ghost_period("waiting", stage.north, "MRI", NEWEST, reason="Ada Byron, 3 people, lost", by=STAGE)
    signal, nobody = Signal.objects.get(), SystemActor("report")
    lead = stage.people["improvement_lead"]
    open_project(signal, title="Begin on time", goal="Ada Byron first.", lead=lead, by=stage.chief,
                 aims=list(StrategicAim.objects.filter(code="access")))  # fmt: skip
    Project.objects.update(opened_at=timezone.make_aware(dt.datetime(2025, 6, 10)))
    for viewer, told in ((stage.chief, True), (nobody, False)):
        report = performance_report(viewer, scope_of(viewer, "partnership", "group"), NEWEST)
        book, pdf = in_words(board_workbook(report)), on_paper(board_pdf(report))
        for words in (book, pdf):
            assert "MRI at North left out of December 2025." in words
            assert "A project works on it: Begin on time." in words
            assert (str(lead) in words) == told
            assert ("Ada Byron first." in words) == told
        assert ("3 people, lost" in book, "3 people, lost" in pdf) == (told, False)
