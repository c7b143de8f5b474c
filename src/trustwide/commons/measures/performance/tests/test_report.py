"""The report of a month: what is added up, what is judged, and whose it is."""

from __future__ import annotations

import re

import pytest

from trustwide.commons.accounts.actions import add_member
from trustwide.commons.accounts.tests.cast import STAGE, person
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.actions import rebase_chart
from trustwide.commons.measures.chart_pages import chart_page
from trustwide.commons.measures.models import Observation, QualityNote, Signal
from trustwide.commons.measures.performance.exceptions import ReportScopeError
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.scope import months_of, scope_of, scopes_for
from trustwide.commons.measures.performance.tests.report_stage import NEWEST, WAITING, put, steady
from trustwide.commons.measures.tests.conftest import month
from trustwide.commons.organisations.actions import create_site

CAUSAL = re.compile(r"\b(because|due to|caused?|thanks to|led to|result(ed|s)? (of|in)|owing to)\b", re.IGNORECASE)


def report_of(viewer, kind="partnership", code="group", when=NEWEST):
    return performance_report(viewer, scope_of(viewer, kind, code), when)


def cells(report, code):
    return {cell.place: cell for aim in report.aims for cell in aim.cells() if cell.definition.code == code}


def figures(report):
    """Everything the report says, to compare two of them."""
    return [
        (cell.definition.code, cell.place, cell.figure, cell.variation, cell.assurance, cell.sentence, cell.rows)
        for aim in report.aims for cell in aim.cells()
    ] + [(aim.summary, aim.signals) for aim in report.aims]  # fmt: skip


def test_numerators_and_denominators_are_added_never_values(stage):
    late = cells(report_of(stage.chief), "share_late")
    newest = Observation.objects.filter(measure="share_late", period=NEWEST)
    above, below = (sum(newest.values_list(name, flat=True)) for name in ("numerator", "denominator"))
    assert (late["Group"].numerator, late["Group"].denominator) == (above, below)
    assert late["Group"].value == pytest.approx(above / below)
    assert late["North"].figure == "23.2%"  # 30 of 100 and 28 of 150


def test_a_denominator_of_the_period_is_counted_once(stage):
    daily = cells(report_of(stage.chief), "daily")
    assert daily["Group"].denominator == 20
    assert daily["Group"].value == pytest.approx(sum(daily[place].value for place in ("North", "Middle", "South")))


def test_a_site_that_is_missing_leaves_the_sum_at_the_month_before(stage):
    Observation.objects.filter(measure="waiting", site=stage.south, period=NEWEST).delete()
    waiting = cells(report_of(stage.chief), "waiting")
    assert waiting["North"].period == NEWEST
    assert (waiting["Group"].period, waiting["South"].period) == (month(22), month(22))
    assert waiting["Group"].why == "Of November 2025, the newest there is."


def test_a_figure_of_long_ago_is_none_of_this_month(stage):
    Observation.objects.filter(measure="falls", site=stage.south, period__gt=month(20)).delete()
    south = cells(report_of(stage.chief), "falls")["South"]
    assert (south.has_figure, south.figure, south.why) == (False, "No figure", "No figure since September 2025.")


def test_a_cell_of_one_chart_says_what_the_page_of_the_chart_says(stage):
    Observation.objects.filter(measure="share_late", breakdown="CT").delete()
    rebase_chart("share_late", stage.north, "MRI", month(12), reason="for the test", by=STAGE)
    cell, page = cells(report_of(stage.chief), "share_late")["North"], chart_page("share_late", stage.north, "MRI")
    assert (cell.breakdown, cell.sentence) == ("MRI", page.sentence)
    assert (cell.variation, cell.assurance) == (page.variation_icon, page.assurance_icon)
    assert [(row.period, row.value, row.mean, row.upper_limit, row.reading) for row in cell.rows] == [
        (row.date, row.value, row.mean, row.upper_limit, row.reading) for row in page.periods
    ]


def test_an_old_month_is_what_it_was_before_newer_figures_came(stage):
    kept = list(Observation.objects.filter(period__gt=month(20)))
    Observation.objects.filter(period__gt=month(20)).delete()
    before = figures(report_of(stage.chief, when=month(20)))
    for each in kept:
        each.pk = None
    Observation.objects.bulk_create(kept)
    assert figures(report_of(stage.chief, when=month(20))) == before
    assert figures(report_of(stage.chief)) != before


def test_words_are_built_from_the_figures_and_name_no_cause(stage):
    report = report_of(stage.chief)
    access = report.aims[0]
    assert access.title == "Care in time"
    assert access.summary[0] == "Of six charts, one shows concern, none show improvement and five vary as usual."
    assert access.signals[0].sentence.startswith("Higher than usual since January 2025")
    assert access.signals[0].place == "North"
    assert report.answer.startswith("In December 2025, one of 12 charts shows concern")
    assert not CAUSAL.search(" ".join([report.answer, *report.notes, *access.summary]))
    assert access.pictures[0].place == "North"
    assert report.aims[1].unmeasured == ()


def test_what_is_new_and_what_closed_in_the_month(stage):
    signal = Signal.objects.get()
    Signal.objects.update(opened=month(18))
    assert [told.signal_id for told in report_of(stage.chief, when=month(18)).aims[0].opened] == [signal.pk]
    assert not report_of(stage.chief, when=month(17)).aims[0].signals
    Signal.objects.update(closed=NEWEST)
    access = report_of(stage.chief).aims[0]
    assert ([told.signal_id for told in access.closed], access.signals) == ([signal.pk], ())
    assert report_of(stage.chief, when=month(22)).aims[0].signals[0].signal_id == signal.pk


def test_a_signal_on_a_part_or_on_few_people_is_told_without_figures_to_those_without_rows(stage):
    nurse, plain = stage.people["ward_nurse"], "Higher than usual since January 2025. Concern."
    (told,) = report_of(nurse, "site", "N1").aims[0].signals
    assert told.sentence == plain, "with the sum, a part would give away the other part"
    Observation.objects.filter(measure="share_late", site=stage.north, breakdown="CT").delete()
    (told,) = report_of(nurse, "site", "N1").aims[0].signals
    assert "against" in told.sentence
    Observation.objects.filter(measure="share_late", site=stage.north, period=month(3)).update(numerator=2, value=0.02)
    (told,) = report_of(nurse, "site", "N1").aims[0].signals
    assert told.sentence == plain
    (told,) = report_of(stage.people["radiographer"], "site", "N1").aims[0].signals
    assert "against" in told.sentence


def test_doubts_about_the_month_are_told_to_those_who_may_read_the_figures(stage):
    note = {"site": stage.north, "kind": "jump", "sentence": "From 3 to 40.", "until": NEWEST}
    QualityNote.objects.create(measure="share_late", breakdown="MRI", period=month(20), **note)
    QualityNote.objects.create(measure="waiting", breakdown="CT", period=NEWEST, **note)
    QualityNote.objects.create(measure="falls", breakdown="", period=month(3), **note | {"until": month(4)})
    nurse = report_of(stage.people["ward_nurse"], "site", "N1")
    assert nurse.aims[0].doubts == ("People waiting, CT, North: From 3 to 40.",)
    assert not any(aim.doubts for aim in nurse.aims[1:])
    assert sum("From 3" in each for each in report_of(stage.chief).aims[0].doubts) == 2


def test_a_partner_sees_its_own_pack(stage):
    someone = person("Of One Trust")
    add_member(someone, "board_member", stage.north.partner, by=STAGE, reason="for the test")
    assert [scope.key for scope in scopes_for(someone)] == ["partner:T1", "site:M1", "site:N1"]
    report = report_of(someone, "partner", "T1")
    assert report.columns == ("Middle", "North", "All sites")
    waiting = cells(report, "waiting")
    assert waiting["All sites"].value == waiting["North"].value + waiting["Middle"].value
    for kind, code in (("partnership", "group"), ("partner", "T2"), ("site", "S1"), ("partnership", "nothing")):
        with pytest.raises(ReportScopeError, match="may not see all of it"):
            scope_of(someone, kind, code)
    assert scopes_for(stage.stranger) == ()


def test_the_widest_scope_comes_first_and_public_data_is_not_a_group(stage):
    assert [scope.key for scope in scopes_for(stage.chief)] == [
        "partnership:group", "partner:T1", "partner:T2", "site:M1", "site:N1",
    ]  # fmt: skip
    assert scope_of(stage.chief, "site", "E9").name == "Elsewhere Trust"
    with pytest.raises(ReportScopeError, match="name one of its partners"):
        scope_of(stage.chief, "partnership", "public")
    with pytest.raises(ReportScopeError, match="expected one of partnership, partner, site"):
        scope_of(stage.chief, "ward", "W1")


def test_a_named_job_sees_every_site_and_no_rows(stage):
    report = report_of(SystemActor("report"), when=month(17))
    assert cells(report, "falls")["North"].suppressed
    assert cells(report, "waiting")["Group"].value


def test_months_are_those_that_are_over(stage):
    months = months_of(scope_of(stage.chief, "partnership", "group"))
    assert (months.all()[0], months.all()[-1], len(months.all())) == (NEWEST, month(0), 24)
    Observation.objects.all().delete()
    assert months_of(scope_of(stage.chief, "partnership", "group")) is None


def test_a_month_without_any_figure_says_so(stage):
    Observation.objects.all().delete()
    report = report_of(stage.chief)
    assert report.answer == "There is no figure of December 2025 or the two months before it."


def test_it_costs_the_same_however_many_sites_and_measures(stage, django_assert_num_queries):
    scope = scope_of(stage.chief, "partnership", "group")
    performance_report(stage.chief, scope, NEWEST)
    with django_assert_num_queries(10):
        performance_report(stage.chief, scope, NEWEST)
    for number in range(4):
        site = create_site(stage.south.partner, f"X{number}", f"Other {number}", by=STAGE)
        put(WAITING, site, steady(100))
    scope = scope_of(stage.chief, "partnership", "group")
    with django_assert_num_queries(10):
        assert len(performance_report(stage.chief, scope, NEWEST).columns) == 8
