"""What the six measures make of returns, against figures by hand."""

from __future__ import annotations

import ibis
import numpy as np
import pytest

from trustwide.commons.audit.actions import SystemActor
from trustwide.commons.measures.definition import logical_table, measures_over
from trustwide.commons.measures.models import Observation
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.actions import import_returns
from trustwide.services.imaging.figures import history
from trustwide.services.imaging.measures import TABLE
from trustwide.services.imaging.rules import net_additions
from trustwide.services.imaging.tests.returns import frame, month, one_return

pytestmark = pytest.mark.django_db


def observed(*rows):
    import_returns(frame(*rows), by=SystemActor("import"), source="test")
    found = {}
    for code, period, value in Observation.objects.values_list("measure", "period", "value"):
        found.setdefault(code.removeprefix("dm01_"), {})[period] = value
    return found


# January 2024 had 22 working days (1 January is a holiday), February 21, March 20 (29 March is Good Friday)
def test_every_measure_of_two_months():
    found = observed(
        one_return(when=0, waiting=100, over=25, tests=220, unscheduled=44),
        one_return(when=1, waiting=121, over=0, tests=210, unscheduled=21),
    )
    first, second = month(0), month(1)
    assert found["waiting_list"] == {first: 100, second: 121}
    assert found["over_six_weeks"] == {first: 25, second: 0}
    assert found["six_week_share"] == {first: 0.25, second: 0}
    assert found["tests_per_working_day"] == {first: 10, second: 10}
    assert found["unscheduled_per_working_day"] == {first: 2, second: 1}
    assert found["additions_per_working_day"] == {second: 11}  # 210 tests and 21 more people, over 21 days


def test_people_are_over_six_weeks_from_the_seventh_band():
    row = one_return(waiting=91, over=0) | {f"band_{weeks:02d}": weeks for weeks in range(14)} | {"waiting_list": 91}
    assert observed(row)["over_six_weeks"] == {month(0): 6 + 7 + 8 + 9 + 10 + 11 + 12 + 13}


def test_a_missing_month_is_a_gap_and_additions_need_both_months():
    found = observed(*(one_return(when=when) for when in (0, 1, 3, 4)))
    assert list(found["waiting_list"]) == [month(0), month(1), month(3), month(4)]
    assert list(found["additions_per_working_day"]) == [month(1), month(4)]


def test_an_empty_list_has_no_share_over_six_weeks():
    found = observed(one_return(waiting=0, over=0))
    assert found["waiting_list"] == {month(0): 0}
    assert "six_week_share" not in found


def test_net_additions_equal_those_of_the_rules():
    lists = [(100, 200), (140, 190), (90, 230), (130, 10)]
    found = observed(*(one_return(when=when, waiting=each[0], tests=each[1]) for when, each in enumerate(lists)))
    numerators = Observation.objects.filter(measure="dm01_additions_per_working_day").order_by("period")
    additions = net_additions(history(Site.objects.get(), "MRI"))
    assert list(numerators.values_list("numerator", flat=True)) == additions[1:].tolist() == [230.0, 180.0, 50.0]
    assert np.isnan(additions[0])
    assert len(found["additions_per_working_day"]) == 3


def test_the_same_expressions_give_the_same_on_another_engine():
    lists = [(100, 25), (140, 0), (90, 90)]
    rows = frame(*(one_return(when=when + when // 2, waiting=each[0], over=each[1]) for when, each in enumerate(lists)))
    import_returns(rows, by=SystemActor("import"), source="test")
    engine = ibis.sqlite.connect()
    engine.create_table(TABLE, logical_table(TABLE).rows(None))
    for definition in measures_over(TABLE):
        elsewhere = engine.raw_sql(
            f"SELECT period, numerator, denominator FROM ({definition.sql('sqlite')})"
        ).fetchall()
        here = Observation.objects.filter(measure=definition.code).values_list("period", "numerator", "denominator")
        assert sorted(elsewhere) == sorted((str(period), *parts) for period, *parts in here)
    assert len(measures_over(TABLE)) == 6
