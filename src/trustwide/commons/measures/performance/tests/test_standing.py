"""What the report says of a signal beside its chart, and what to doubt in the charts that it draws."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from trustwide.commons.accounts.tests.cast import STAGE
from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.actions import rebase_chart
from trustwide.commons.measures.models import Observation, QualityNote, Signal
from trustwide.commons.measures.performance import links
from trustwide.commons.measures.performance.doubts import SHORT
from trustwide.commons.measures.performance.figures import HIDDEN_DOUBTS, measure_lines, performance_report
from trustwide.commons.measures.performance.links import Work
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.performance.tests.report_stage import DAILY, LATE, NEWEST, put
from trustwide.commons.measures.quality.kinds import CHECKS
from trustwide.commons.measures.signals.actions import assign_signal, snooze_signal, wake_signal
from trustwide.commons.measures.tests.conftest import month
from trustwide.commons.nhsuk.formats import day

REASON = "New rota in spring"


def access(viewer, kind="site", code="N1", when=NEWEST):
    return performance_report(viewer, scope_of(viewer, kind, code), when).aims[0]


def standing(viewer, **asked):
    (told,) = access(viewer, **asked).signals
    return told.standing


@pytest.fixture
def signal(stage):
    return Signal.objects.get()


@pytest.fixture
def until():
    return dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=30)


def test_of_a_signal_that_nobody_took_up_nothing_is_said(stage, signal):
    (told,) = access(stage.chief).signals
    assert (told.standing, told.words) == ("", told.sentence)


def test_it_is_put_off_until_a_day_for_the_newest_reason(stage, signal, until):
    snooze_signal(signal, until=until - dt.timedelta(days=9), reason="An older one", by=STAGE)
    snooze_signal(signal, until=until, reason=REASON, by=STAGE)
    assert standing(stage.chief) == f"Put off until {day(until)}: {REASON}."
    wake_signal(signal, by=STAGE)
    assert standing(stage.chief) == ""


def test_a_day_that_has_come_puts_nothing_off_whatever_month_is_asked_for(stage, signal):
    today = timezone.localdate()
    for over in (NEWEST, today):
        Signal.objects.update(snoozed_until=over)
        for when in (NEWEST, month(22)):
            assert standing(stage.chief, when=when) == ""
    Signal.objects.update(snoozed_until=today + dt.timedelta(days=1))
    for when in (NEWEST, month(22)):
        assert standing(stage.chief, when=when) == f"Put off until {day(today + dt.timedelta(days=1))}."


def test_whom_it_is_assigned_to_is_told_to_those_who_may_see_the_signal(stage, signal, client, until):
    lead = stage.people["improvement_lead"]
    assign_signal(signal, to=lead, by=STAGE)
    snooze_signal(signal, until=until, reason=REASON, by=STAGE)
    nurse = stage.people["ward_nurse"]
    client.force_login(nurse)
    assert str(lead) in client.get(f"/signals/{signal.pk}/").content.decode()
    for viewer in (stage.chief, nurse):
        assert standing(viewer) == f"Put off until {day(until)}: {REASON}. Assigned to {lead}."


def test_a_file_for_readers_nobody_knows_holds_no_name_and_no_words_of_a_person(stage, signal, until):
    assign_signal(signal, to=stage.people["improvement_lead"], by=STAGE)
    snooze_signal(signal, until=until, reason=REASON, by=STAGE)
    assert standing(SystemActor("report")) == f"Put off until {day(until)}. Assigned to somebody."


def test_a_project_that_works_on_it_is_named(stage, signal, monkeypatch):
    def known(sites, asked, viewer):
        return [
            Work("Fewer late", ("access",), "North", "By a fifth.", "/x/", signal.pk),
            Work("Another", ("access",), "North", "By a tenth.", "/y/"),
        ]

    monkeypatch.setattr(links, "WORK", [known])
    assert standing(stage.chief) == "A project works on it: Fewer late."


def test_of_one_that_closed_it_says_why_and_not_what_people_did(stage, signal, until):
    snooze_signal(signal, until=until, reason=REASON, by=STAGE)
    rebase_chart("share_late", stage.north, "MRI", month(12), reason="A new clinic", by=STAGE)
    (told,) = access(stage.chief).closed
    assert told.words == "Closed: the limits were recalculated from January 2025 on."
    assert access(stage.chief).signals == ()
    report = performance_report(stage.chief, scope_of(stage.chief, "site", "N1"), NEWEST)
    assert report.answer.endswith(" and one closed.")


def test_it_costs_no_query_more_however_many_are_taken_up(stage, signal, until):
    scope = scope_of(stage.chief, "site", "N1")
    few = queries_of(stage.chief, scope)
    Signal.objects.create(**{name: getattr(signal, name) for name in (
        "measure", "site", "kind", "direction", "verdict", "since", "opened", "latest", "opened_at", "points", "sigmas",
        "rank", "sentence")}, breakdown="CT")  # fmt: skip
    for each in Signal.objects.select_related("site"):
        assign_signal(each, to=stage.people["improvement_lead"], by=STAGE)
        snooze_signal(each, until=until, reason=REASON, by=STAGE)
        note(stage.north, each.breakdown, 20)
    assert queries_of(stage.chief, scope) == few


def queries_of(viewer, scope):
    with CaptureQueriesContext(connection) as queries:
        performance_report(viewer, scope, NEWEST)
    return len(queries)


def note(site, breakdown, number, kind="copied", until=None, **more):
    usual = {"measure": "share_late", "sentence": "From 3 to 40."}
    QualityNote.objects.create(
        site=site, breakdown=breakdown, kind=kind, period=month(number), until=month(until or number), **usual | more
    )


def doubts(viewer, **asked):
    part = access(viewer, **asked)
    (cell,) = [each for each in part.pictures if each.place_code]
    assert cell in list(part.cells()), "the matrix says what stands under the small chart"
    return cell.doubts


def test_doubts_of_all_that_a_chart_judges_are_told_newest_first(stage):
    Observation.objects.filter(measure="share_late", site=stage.north, breakdown="CT").delete()
    assert doubts(stage.chief) == ""
    note(stage.north, "MRI", 20)
    note(stage.north, "MRI", 13, "jump", until=14)
    note(stage.north, "MRI", 0, "zero")  # the first month of the chart
    note(stage.north, "MRI", 5, "gap", until=12)
    note(stage.north, "CT", 19)
    note(stage.south, "MRI", 19)
    note(stage.north, "MRI", 19, measure="waiting")
    told = (
        "To doubt: September 2025: copied from August; February 2025 to March 2025: jump; "
        "June 2024 to January 2025: no figure; January 2024: zero-filled."
    )
    assert doubts(stage.chief) == told
    assert not access(stage.chief).doubts, "nothing is wrong with the month itself"
    assert doubts(stage.chief, when=month(19)).startswith("To doubt: February 2025 to March 2025: jump")
    (signal,) = access(stage.chief).signals
    assert signal.words == f"{signal.sentence} {told}"


def test_a_month_before_the_limits_were_recalculated_is_doubted_only_where_it_is_drawn(stage):
    Observation.objects.filter(measure="share_late", site=stage.north).delete()
    put(LATE, stage.north, [20, 22, 18, 21, 19, 23] * 3 + [30, 31] * 12, out_of=100, first=-18)
    put(LATE, stage.north, [40], out_of=100, first=24)
    note(stage.north, "MRI", -12, "zero")
    note(stage.north, "MRI", 2, "jump")
    when = month(24)
    (cell,) = [each for each in access(stage.chief, when=when).lines[0].cells if each.shows_change]
    assert cell.doubts == "To doubt: March 2024: jump; January 2023: zero-filled."
    rebase_chart("share_late", stage.north, "MRI", month(6), reason="A new clinic", by=STAGE)
    (cell,) = [each for each in access(stage.chief, when=when).lines[0].cells if each.shows_change]
    assert cell.doubts == "To doubt: March 2024: jump."


def test_an_improvement_is_doubted_too_and_a_usual_chart_is_not(stage):
    Observation.objects.filter(measure="daily", site=stage.south).delete()
    put(DAILY, stage.south, [10.0 + place % 3 for place in range(14)] + [20.0] * 10, out_of=20)
    for site in (stage.south, stage.north):
        note(site, "MRI", 3, "zero", measure="daily")
    report = performance_report(stage.chief, scope_of(stage.chief, "partnership", "group"), NEWEST)
    daily = {cell.place: cell for aim in report.aims for cell in aim.cells() if cell.definition.code == "daily"}
    assert (daily["South"].verdict, daily["South"].doubts) == ("improvement", "To doubt: April 2024: zero-filled.")
    assert (daily["North"].verdict, daily["North"].doubts) == ("common", "")
    (line,) = measure_lines(stage.chief, scope_of(stage.chief, "site", "S1"), NEWEST, "daily")
    assert [cell.doubts for cell in line.cells] == ["To doubt: April 2024: zero-filled."]


def test_where_parts_are_added_up_it_says_of_which_and_nothing_to_those_who_may_not_see_the_rows(stage):
    note(stage.north, "MRI", 20)
    note(stage.north, "CT", 12)
    told = "To doubt: September 2025: copied from August (MRI); January 2025: copied from December (CT)."
    assert doubts(stage.chief) == told
    for viewer in (stage.people["ward_nurse"], SystemActor("report")):
        assert doubts(viewer) == "", "that one of two parts is zero-filled gives away the other"
        assert HIDDEN_DOUBTS in performance_report(viewer, scope_of(viewer, "site", "N1"), NEWEST).notes
    assert HIDDEN_DOUBTS not in performance_report(stage.chief, scope_of(stage.chief, "site", "N1"), NEWEST).notes
    assert doubts(stage.chief, kind="partnership", code="group") == told


def test_the_doubts_of_all_sites_together_name_the_site(stage):
    for number in range(12, 19):
        note(stage.south, "MRI", number, "jump")
    Observation.objects.filter(measure="share_late", period__gte=month(14)).update(numerator=60)
    report = performance_report(stage.chief, scope_of(stage.chief, "partnership", "group"), NEWEST)
    together = [each for each in report.aims[0].pictures if not each.place_code]
    assert together
    for cell in together:
        assert cell.doubts.startswith("To doubt: July 2025: jump (MRI at South); ")
        assert cell.doubts.endswith("; and 3 more.")


def test_the_parts_of_one_doubt_are_told_together(stage):
    for breakdown in ("MRI", "CT"):
        note(stage.north, breakdown, 20, "zero")
    assert doubts(stage.chief) == "To doubt: September 2025: zero-filled (CT and MRI)."


def test_every_kind_has_short_words(stage):
    assert set(SHORT) | {"copied"} == set(CHECKS)
