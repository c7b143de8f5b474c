"""A month that somebody left out of a part's chart is left out of the chart of the sum, which says so."""

from __future__ import annotations

import pytest

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.actions import ghost_period, withdraw_mark
from trustwide.commons.measures.models import Ghost, Observation
from trustwide.commons.measures.performance.tests.report_stage import NEWEST, WAITING, put, steady
from trustwide.commons.measures.performance.tests.test_report import cells, report_of
from trustwide.commons.measures.periods import GHOSTED
from trustwide.commons.measures.tests.conftest import month
from trustwide.commons.organisations.actions import create_site

REASON = "Scanner log lost."
WRONG = 9_000


@pytest.fixture
def wrong(stage):
    """A figure of North's MRI list that is far too high; wrong(month, site) declares it so."""

    def declare(when, site=stage.north, code="waiting", breakdown="MRI", value=WRONG, reason=REASON):
        figure = Observation.objects.filter(measure=code, site=site, breakdown=breakdown, period=when)
        figure.update(numerator=value, value=value)
        return ghost_period(code, site, breakdown, when, reason=reason, by=stage.chief)

    return declare


def row_of(cell, when):
    return next(row for row in cell.rows if row.period == when)


@pytest.mark.parametrize("place", ["Group", "North"])
def test_the_chart_of_a_sum_rests_on_no_month_that_a_part_leaves_out(stage, wrong, place):
    before = cells(report_of(stage.chief), "waiting")[place]
    mark = wrong(month(20))
    after = cells(report_of(stage.chief), "waiting")[place]
    row, was = row_of(after, month(20)), row_of(before, month(20))
    assert row.reading == "MRI at North left out of September 2025: Scanner log lost."
    assert row.value > WRONG > was.value, "the sum is that of the figures beside it"
    assert row.upper_limit < was.value * 2
    assert (after.variation, after.sentence) == (before.variation, before.sentence)
    # the limits are those of the other months alone
    Observation.objects.filter(measure="waiting", period=month(20)).update(numerator=1, value=1)
    same = cells(report_of(stage.chief), "waiting")[place]
    assert same.chart.mean[-1] == pytest.approx(after.chart.mean[-1])
    withdraw_mark(mark, reason="It was right.", by=stage.chief)
    taken_back = cells(report_of(stage.chief), "waiting")[place]
    assert taken_back.chart.mean[-1] != pytest.approx(after.chart.mean[-1])
    assert "left out" not in row_of(taken_back, month(20)).reading


def test_the_figure_of_the_month_names_the_part(stage, wrong):
    wrong(NEWEST)
    waiting = cells(report_of(stage.chief), "waiting")
    said = "MRI at North left out of December 2025."
    assert [waiting[place].why for place in ("North", "Middle", "South", "Group")] == [said, "", "", said]
    assert [waiting[place].left_out for place in ("North", "Middle", "South", "Group")] == [True, False, False, True]
    falls = cells(report_of(stage.chief), "falls")
    assert {cell.why for cell in falls.values()} == {""}


def test_a_chart_whose_newest_month_is_left_out_is_not_judged(stage, wrong):
    before = report_of(stage.chief)
    assert before.aims[0].count("concern") == 1
    ghost_period("share_late", stage.north, "MRI", NEWEST, reason=REASON, by=stage.chief)
    report = report_of(stage.chief)
    north, access = cells(report, "share_late")["North"], report.aims[0]
    assert (north.variation, north.assurance, north.rank) == ("", "", 0.0)
    assert north.sentence == "Not judged: December 2025 is left out."
    assert [access.count(kind) for kind in ("concern", "common", "")] == [0, 5, 1]
    assert access.summary[0] == (
        "Of six charts, none show concern, none show improvement and five vary as usual; of one the newest figure is "
        "left out, so it is not judged."
    )
    assert "North" not in {cell.place for cell in access.pictures}
    # one left out earlier is judged on the newest
    assert cells(report_of(stage.chief, when=month(22)), "share_late")["North"].verdict == "concern"


def test_too_few_figures_are_told_from_one_left_out(stage, wrong):
    Observation.objects.filter(measure="falls", site=stage.north, period__lt=month(16)).delete()
    wrong(NEWEST, site=stage.south, code="falls", breakdown="")
    quality = next(aim for aim in report_of(stage.chief).aims if aim.title == "Safe and right first time")
    assert quality.summary[0].endswith(
        "; one has too few figures to be judged; of one the newest figure is left out, so it is not judged."
    )


def test_a_site_with_one_chart_keeps_the_words_of_that_chart(stage, wrong):
    wrong(NEWEST, code="falls", breakdown="")
    falls = cells(report_of(stage.chief), "falls")
    assert row_of(falls["North"], NEWEST).reading == GHOSTED
    assert falls["North"].why == falls["North"].sentence == "Not judged: December 2025 is left out."
    assert falls["Group"].why == "North left out of December 2025."


def test_a_month_without_the_figure_in_it_is_not_left_out(stage, wrong):
    wrong(month(20))
    Observation.objects.filter(measure="waiting", site=stage.north, breakdown="MRI", period=month(20)).delete()
    group = cells(report_of(stage.chief), "waiting")["Group"]
    assert "left out" not in row_of(group, month(20)).reading


def test_a_month_after_the_report_is_none_of_its_concern(stage, wrong):
    before = cells(report_of(stage.chief, when=month(20)), "waiting")["Group"]
    wrong(month(22))
    after = cells(report_of(stage.chief, when=month(20)), "waiting")["Group"]
    assert (before.rows, before.why) == (after.rows, after.why)


def test_the_reason_is_told_where_the_figures_may_be_seen_and_to_no_unknown_reader(stage, wrong):
    board = person("Board Reader")
    add_member(board, "board_member", stage.group, by=STAGE, reason="for the test")
    wrong(NEWEST, code="falls", breakdown="", value=40)
    wrong(NEWEST)
    readers = {stage.chief: (True, True), board: (False, True), SystemActor("report"): (False, False)}
    for viewer, (falls_told, waiting_told) in readers.items():
        report = report_of(viewer)
        falls, waiting = (row_of(cells(report, code)["Group"], NEWEST).reading for code in ("falls", "waiting"))
        assert falls == f"North left out of December 2025{': Scanner log lost' if falls_told else ''}."
        assert waiting == f"MRI at North left out of December 2025{': Scanner log lost' if waiting_told else ''}."
        whys = {cell.why for aim in report.aims for cell in aim.cells()}
        assert not any("log lost" in why for why in whys), "a reason may be long, and a cell is not"


def test_many_parts_are_counted(stage, wrong):
    for number in range(3):
        put(WAITING, create_site(stage.south.partner, f"X{number}", f"Other {number}", by=stage.chief), steady(100))
    for site in {each.site for each in Observation.objects.filter(measure="waiting").select_related("site")}:
        wrong(NEWEST, site)
    assert Ghost.objects.count() == 6
    why = cells(report_of(stage.chief), "waiting")["Group"].why
    assert why.endswith(" and 3 more left out of December 2025.")


def test_each_reason_stands_with_its_part_and_in_the_rows_alone(stage, wrong):
    for site, breakdown, reason in ((stage.north, "MRI", "Log lost."), (stage.north, "CT", "Moved house"),
                                    (stage.south, "MRI", "Log lost.")):  # fmt: skip
        wrong(NEWEST, site, breakdown=breakdown, reason=reason)
    group = cells(report_of(stage.chief), "waiting")["Group"]
    named = "CT at North, MRI at North and MRI at South left out of December 2025."
    assert group.why == named
    assert (
        row_of(group, NEWEST).reading == f"{named} CT at North: Moved house. MRI at North and MRI at South: Log lost."
    )


def test_a_part_too_small_to_matter_switches_off_no_chart_of_the_sum(stage, wrong):
    tiny = create_site(stage.south.partner, "X1", "Other", by=stage.chief, short_name="Other")
    put(WAITING, tiny, [1] * 24)
    before = cells(report_of(stage.chief), "waiting")["Group"]
    for number in range(10, 24):
        wrong(month(number), tiny, value=1)
    after = cells(report_of(stage.chief), "waiting")["Group"]
    assert (after.variation, after.sentence, after.chart.mean.tolist()) == (
        before.variation, before.sentence, before.chart.mean.tolist())  # fmt: skip
    assert after.variation
    assert after.why == "MRI at Other left out of December 2025.", "it is named all the same"
    assert row_of(after, month(20)).reading == "MRI at Other left out of September 2025: Scanner log lost."
    assert row_of(after, month(20)).upper_limit == row_of(before, month(20)).upper_limit


def test_a_figure_wrongly_near_nothing_is_as_large_as_its_usual_one(stage, wrong):
    before = cells(report_of(stage.chief), "waiting")["Group"]
    wrong(month(20), value=1)
    after = cells(report_of(stage.chief), "waiting")["Group"]
    assert row_of(after, month(20)).value < row_of(before, month(20)).value - 300
    assert (after.variation, after.sentence) == (before.variation, before.sentence)
    assert after.chart.ghost.tolist().count(True) == 1
