"""Projects on the performance report: in the months they ran, under their aims, as they stood then."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.models import Signal, StrategicAim
from trustwide.commons.measures.performance.figures import performance_report
from trustwide.commons.measures.performance.links import work_at
from trustwide.commons.measures.performance.scope import scope_of
from trustwide.commons.measures.tests.conftest import share  # noqa: F401 - a fixture
from trustwide.services.improvement.actions import close_project, open_project
from trustwide.services.improvement.models import Project


@pytest.fixture
def project(share):  # noqa: F811
    lead = share.people["improvement_lead"]
    made = open_project(
        Signal.objects.get(site=share.north, measure="share_late"), title="Begin on time", goal="Down to 20%.",
        aims=list(StrategicAim.objects.filter(code="quality")), lead=lead, by=lead,
    )  # fmt: skip
    Project.objects.update(opened_at=timezone.make_aware(dt.datetime(2025, 6, 10)))
    close_project(made, outcome="It held.", by=lead)
    Project.objects.update(closed_at=timezone.make_aware(dt.datetime(2025, 9, 3)))
    return made


@pytest.mark.parametrize(("month", "runs"), [(5, False), (6, True), (8, True), (9, True), (10, False)])
def test_it_is_told_in_the_months_it_ran(project, share, month, runs):  # noqa: F811
    assert bool(work_at([share.north], dt.date(2025, month, 1), share.chief)) == runs
    assert not work_at([share.south], dt.date(2025, month, 1), share.chief)


def test_it_is_told_as_it_stood(project, share):  # noqa: F811
    (open_,) = work_at([share.north], dt.date(2025, 8, 1), share.chief)
    assert (open_.title, open_.aims, open_.place) == ("Begin on time", ("quality",), "North")
    assert open_.standing == "Down to 20%. Open since 10 June 2025, led by North Improvement lead."
    (closed,) = work_at([share.north], dt.date(2025, 9, 1), share.chief)
    assert closed.standing == "Down to 20%. Closed on 3 September 2025: It held."
    assert (open_.signal_id, closed.signal_id) == (project.signal_id, None)


def test_a_file_for_readers_nobody_knows_holds_no_name_and_no_words_of_a_person(project, share):  # noqa: F811
    nobody = SystemActor("report")
    (open_,) = work_at([share.north], dt.date(2025, 8, 1), nobody)
    assert (open_.title, open_.standing) == ("Begin on time", "Open since 10 June 2025.")
    (closed,) = work_at([share.north], dt.date(2025, 9, 1), nobody)
    assert closed.standing == "Closed on 3 September 2025."


def test_goal_and_outcome_end_with_a_stop(project, share):  # noqa: F811
    Project.objects.update(goal="Down to 20%", outcome="It held")
    (closed,) = work_at([share.north], dt.date(2025, 9, 1), share.chief)
    assert closed.standing == "Down to 20%. Closed on 3 September 2025: It held."


def test_the_report_names_it_beside_its_signal_while_it_is_open(project, share):  # noqa: F811
    for month, words in ((8, "A project works on it: Begin on time."), (9, "")):
        report = performance_report(share.chief, scope_of(share.chief, "site", "N1"), dt.date(2025, month, 1))
        (told,) = [each for aim in report.aims for each in aim.signals]
        assert told.standing == words
