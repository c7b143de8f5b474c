"""What a plan says, from figures made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from trustwide.services.imaging import plan_charts, plan_words


def costs(a_year, once, capital):
    return {"cost_per_year": a_year, "one_off": once, "capital": capital, "annual_equivalent": a_year}


NOTHING = {"levers": [], **costs(0, 0, 0), "probability_target_met": 0.1}
SEVEN = {"levers": list("abcdefg"), **costs(1_455_326, 0, 3_300_000), "probability_target_met": 0.82}
PAST = {
    "as_at": "2024-09",
    "months": [
        {"month": "2025-08", "list": {"median": 100}, "actual": 50, "inside": False},
        {"month": "2025-09", "list": {"median": 4160}, "actual": 4000, "inside": True},
    ],
    "mean_error": 0.5, "last_value_error": 0.25,
}  # fmt: skip


def result(*plans, past=PAST, weeks=2.0):
    return {"target": {"weeks": weeks, "by": "2026-03", "confidence": 0.8}, "plans": list(plans), "hindsight": past}


def test_the_best_plan_in_one_line():
    assert plan_words.best_answer(result(SEVEN, NOTHING)) == (
        "Seven measures bring the mean wait of those scanned under two weeks by March 2026 with 82% confidence, for "
        "£1.46m a year and £3.30m of capital; a year ago this tool would have been 4% out."
    )


def test_no_plan_is_sure_enough():
    assert plan_words.best_answer(result({**SEVEN, "probability_target_met": 0.62}, past=None)) == (
        "No set of these measures is 80% sure to bring the mean wait of those scanned under two weeks by March 2026; "
        "the likeliest, seven measures for £1.46m a year and £3.30m of capital, has 62%."
    )


AIM = "to bring the mean wait of those scanned under two weeks by March 2026"


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({**SEVEN, "probability_target_met": 0.0}, "No set of these measures brings the mean wait of those scanned"),
        (NOTHING, f"No set of these measures is 80% sure {AIM}; the likeliest, carrying on as usual, has 10%; a year"),
    ],
)
def test_no_plan_helps(plan, words):
    assert plan_words.best_answer(result(plan)).startswith(words)


def test_nothing_is_needed():
    easy = result({**NOTHING, "probability_target_met": 0.91}, past=None, weeks=2.5)
    assert plan_words.best_answer(easy) == (
        "Without any measure the mean wait of those scanned is under 2.5 weeks by March 2026 with 91% confidence."
    )


@pytest.mark.parametrize(
    ("levers", "share", "words"),
    [
        ("a", 0.9, "One measure brings the mean wait"),
        ("ab", 0.9, "Two measures bring the mean wait"),
        ("ab", 0.3, "Two measures would bring the mean wait"),
        ("a", 0.003, "One measure does not bring the mean wait of those scanned under two weeks by March 2026 for"),
        ("a", 0.0, "One measure does not bring the mean wait"),
        ("ab", 0.0, "Two measures do not bring the mean wait"),
        ("", 0.9, "Without any measure the mean wait of those scanned is under two weeks by March 2026 with 90%"),
        ("", 0.0, "Without any measure the mean wait of those scanned does not come under two weeks by March 2026."),
    ],
)
def test_one_set_of_measures(levers, share, words):
    plan = {"levers": list(levers), **costs(45_040, 0, 0), "probability_target_met": share}
    said = plan_words.answer(result(past=None), plan)
    assert said.startswith(words)
    assert said.endswith("for £45,000 a year." if levers else ".")
    assert ("confidence" in said) == (share > 0.005)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((56_000, 550_610, 0), "£56,000 a year and £550,600 once"),
        ((56_000, 20_000, 1_900_000), "£56,000 a year, £20,000 once and £1.90m of capital"),
        ((0, 12_300, 0), "£12,300 once"),
        ((0, 0, 0), "nothing"),
    ],
)
def test_a_price_says_yearly_and_one_off_money(parts, words):
    assert plan_words.price(costs(*parts)) == words


class Kept(SimpleNamespace):
    def __str__(self):
        return self.name


def test_plans_for_different_lists_have_no_best():
    def kept(name, site, share, once):
        plan = {**costs(1000, once, 0), "probability_target_met": share}
        return Kept(name=name, site=SimpleNamespace(pk=site), test="MRI", chosen_plan=plan)

    assert "different lists" in plan_words.compared([kept("A", 1, 0.5, 0), kept("B", 2, 0.9, 0)])
    said = plan_words.compared([kept("A", 1, 0.9, 5000), kept("B", 1, 0.5, 5000)])
    assert said.startswith("“A” is") and "£1,000 a year and £5,000 once" in said


def test_the_hindsight_chart_in_words():
    said = plan_words.hindsight(PAST)
    assert (
        "Projected from September 2024, 12 months before, the list of September 2025 would have been 4,160, 4% above"
        in said
    )
    assert "1 of 2 months came inside the 80% interval. On average it was 50% out" in said


@pytest.mark.parametrize(("last", "words"), [("2025-03", "half a year ago"), ("2024-12", "three months ago")])
def test_how_long_ago(last, words):
    past = {"as_at": "2024-09", "months": [{"month": last, "list": {"median": 9}, "actual": 10}]}
    assert plan_words.hindsight_clause(past) == f"{words} this tool would have been 10% out"


def test_the_line_before_any_search():
    wait = {"median": 6.04}
    given = {
        "now": {"list": 7535, "scanned_mean_weeks": wait}, "target": {"weeks": 2, "by": "2026-03"},
        "do_nothing": {"months": [{"month": "2026-03", "scanned_mean_weeks": {"median": 5.9}}]},
        "gap_per_week": {"reach": {"median": 242.4}},
    }  # fmt: skip
    assert plan_words.now(given) == (
        "7,535 people wait, and those scanned waited 6.0 weeks on average; bringing that under two weeks by March 2026 "
        "takes 242 more tests a week. If all goes on as usual it will be 5.9 weeks then."
    )


def a_point(levers, cost, probability):
    return {"levers": list(levers), "annual_equivalent": cost, "probability_target_met": probability}


def test_the_front_holds_what_nothing_cheaper_beats():
    plans = [a_point("a", 3e6, 0.8), a_point("b", 1e6, 0.5), a_point("c", 2e6, 0.4), a_point("d", 1e6, 0.3)]
    spec = plan_charts.costs(plans, 0.8, ["d"], {})
    kinds = {row["id"]: row["kind"] for row in spec["data"]["values"]}
    front = "None likelier for less"
    assert kinds == {"a": front, "b": front, "c": "Tried", "d": "Switched on"}


def test_common_axes_have_room_for_everything():
    def months(first, *highs):
        return [{"month": f"2026-{first + place:02d}", "list": {"high": high}} for place, high in enumerate(highs)]

    axes = plan_charts.common_axes("list", [months(1, 10, 30), months(2, 20, 25)], [[("2025-11", 44.0)]])
    assert (axes.top, axes.first, axes.last) == (44.0, "2025-11", "2026-03")
