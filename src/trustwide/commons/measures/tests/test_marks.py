"""People recalculate limits and write notes: with a reason, once, by right, on record for ever."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from trustwide.analysis import spc
from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.actions import annotate_chart, rebase_chart, withdraw_mark
from trustwide.commons.measures.exceptions import CannotMarkError, MarkIsAppendOnlyError
from trustwide.commons.measures.models import Annotation, ChartSummary, Rebase
from trustwide.commons.measures.rules import can_mark, can_rebase_at, can_withdraw
from trustwide.commons.measures.tests.conftest import LATE, STEP, month
from trustwide.commons.organisations.exceptions import NotAllowedError

MONTHS = [month(place) for place in range(len(LATE))]


def summary(site):
    return ChartSummary.objects.get(measure="share_late", site=site)


def rebased(share, date=STEP, by="planner", **more):
    wanted = {"reason": "the clinic moved", "by": share.people[by]} | more
    return rebase_chart("share_late", share.north, "MRI", date, **wanted)


def test_the_limits_are_those_of_the_chart_split_at_that_month(share):
    before = summary(share.north)
    assert before.variation_icon == "concern_high"
    rebase = rebased(share)
    after = summary(share.north)
    rules = spc.Settings("decrease", 5, [STEP], profile="mdc")
    expected = spc.judged(MONTHS, LATE, [100] * len(LATE), [0, len(LATE)], rules, ["share"], [100])[0][0]
    assert (after.mean, after.lpl, after.upl) == pytest.approx(
        (expected.mean[-1] / 100, expected.lpl[-1] / 100, expected.upl[-1] / 100)
    )
    assert after.mean == pytest.approx(sum(LATE[12:]) / 1200)
    assert after.variation_icon == expected.variation_icon == "common_cause"
    assert (rebase.old_mean, rebase.old_lpl, rebase.old_upl) == (before.mean, before.lpl, before.upl)
    assert summary(share.south).mean == before.mean, "the chart of the other site is left alone"


def test_it_is_on_record(share):
    rebase = rebased(share)
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.reason, event.site_code) == (
        "recalculated the limits of a chart", "the clinic moved", "N1",
    )  # fmt: skip
    assert event.details == {"measure": "share_late", "breakdown": "MRI", "date": "2025-01-01"}
    assert rebase.author == share.people["planner"].name


def test_taking_it_back_brings_the_old_limits_back_and_keeps_both_on_record(share):
    before = summary(share.north)
    rebase = rebased(share)
    withdraw_mark(rebase, reason="the clinic did not move", by=share.people["improvement_lead"])
    after = summary(share.north)
    assert (after.mean, after.upl, after.sentence) == (before.mean, before.upl, before.sentence)
    assert [row.reason for row in Rebase.objects.order_by("pk")] == ["the clinic moved", "the clinic did not move"]
    assert not can_withdraw(rebase)
    with pytest.raises(CannotMarkError, match="taken back already"):
        withdraw_mark(rebase, reason="again", by=share.people["planner"])
    rebased(share)
    assert Rebase.objects.standing().count() == 1


@pytest.mark.parametrize(
    ("date", "sentence"),
    [
        (month(0), "it is the first month of this chart"),
        (month(40), "There is no value for May 2027"),
        (STEP, "recalculated from January 2025 already"),
    ],
)
def test_months_where_limits_cannot_start(share, date, sentence):
    rebased(share)
    with pytest.raises(CannotMarkError, match=sentence):
        rebased(share, date)
    assert not can_rebase_at(date, MONTHS, {STEP})
    assert can_rebase_at(month(5), MONTHS, {STEP})


def test_a_reason_is_needed(share):
    with pytest.raises(ValidationError, match="reason"):
        rebased(share, reason="")
    assert not Rebase.objects.exists()


@pytest.mark.parametrize("role", ["ward_nurse", "booking_clerk", "equipment_manager", "board_member"])
def test_a_role_that_does_not_judge_charts_may_not(share, role):
    with pytest.raises(NotAllowedError, match="You may not recalculate the limits of charts"):
        rebased(share, by=role)
    assert not can_mark(share.people[role], share.north)


def test_a_right_at_north_is_none_at_south(share):
    with pytest.raises(NotAllowedError, match="at South Hospital"):
        annotate_chart("share_late", share.south, "MRI", STEP, text="moved", by=share.people["planner"])
    assert can_mark(share.people["planner"], share.north)
    assert can_mark(share.people["planner"], share.public), "what is public belongs to nobody here"


def test_a_note_changes_no_limit(share):
    before = summary(share.north).mean
    note = annotate_chart("share_late", share.north, "MRI", STEP, text="moved", by=share.people["planner"])
    assert summary(share.north).mean == before
    assert list(Annotation.objects.on_chart("share_late", share.north, "MRI")) == [note]
    withdraw_mark(note, reason="wrong month", by=share.people["planner"])
    assert not Annotation.objects.standing().exists()


def test_marks_are_never_changed_or_deleted(share):
    rebase = rebased(share)
    rebase.reason = "something else"
    for attempt in (rebase.save, rebase.delete, Rebase.objects.all().delete, lambda: Rebase.objects.update(reason="")):
        with pytest.raises(MarkIsAppendOnlyError):
            attempt()
    assert Rebase.objects.get().reason == "the clinic moved"


def test_people_see_marks_of_their_sites_only(share):
    rebased(share)
    assert Rebase.objects.for_user(share.people["ward_nurse"]).count() == 1
    assert Rebase.objects.for_user(share.stranger).count() == 0
