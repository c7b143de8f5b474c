"""What the plan pages show, put together from stored plans and from the list as it is now."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trustwide.analysis.capacity import HistoryError, MonthlyHistory
from trustwide.commons.nhsuk.fields import Component, component
from trustwide.services.imaging import plan_charts, plan_figures, plan_words
from trustwide.services.imaging.diagnostic_tests import BY_CODE
from trustwide.services.imaging.plan_charts import Axes
from trustwide.services.imaging.plan_figures import Figures, LeverHere
from trustwide.services.imaging.plan_forms import PlanForm, Setup, plan_form, setup_of
from trustwide.services.imaging.plan_models import Plan, plan_id

if TYPE_CHECKING:
    from django.http import QueryDict

    from trustwide.commons.accounts.models import User
    from trustwide.commons.organisations.models import Site

MONTHS_MEASURED = 13
PLANS_SHOWN = 12
FIRST_PLAN = "the first plan takes"  # the note that is about the best set of a search
# figure of a plan's JSON, its title and its decimal places
FANS = (("list", "People waiting at month end", 0), ("scanned_mean_weeks", "Mean wait of those scanned, weeks", 1))


@dataclass(frozen=True)
class Picture:
    """A chart and the sentence that says what it shows."""

    id: str
    spec: dict[str, Any]
    sentence: str


@dataclass(frozen=True)
class Switch:
    """One measure on the page: what it does here, its fields, and whether it is on."""

    here: LeverHere
    fields: tuple[Component, ...]
    on: bool
    excludes: str
    has_error: bool


@dataclass(frozen=True)
class Row:
    """One plan of the ranked table, with the address that loads it into the switches."""

    rank: int
    plan: Figures
    query: str
    on: bool


@dataclass(frozen=True)
class PlanPage:
    """The page on which measures are switched on and off for one list.

    `given` and `brings` are the list as usual and with the measures; both are empty while the form is wrong.
    """

    site: Site
    test: str
    form: PlanForm
    usual: Setup
    run: Plan | None
    last_month: datetime.date
    setup: Setup | None = None
    given: Figures = field(default_factory=dict)
    brings: Figures = field(default_factory=dict)
    switches: tuple[Switch, ...] = ()
    pictures: tuple[Picture, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def test_name(self) -> str:
        return BY_CODE[self.test].short_name

    @property
    def result(self) -> Figures | None:
        """The answer of the search that this page belongs to."""
        return self.run.result if self.run is not None and self.run.status == Plan.Status.DONE else None

    @property
    def query(self) -> str:
        """The address of what is on the screen, the search included."""
        text = "" if self.setup is None else self.setup.query(self.usual.levers)
        return f"{text}&run={self.run.pk}" if self.run is not None else text

    @property
    def asks_what_was_answered(self) -> bool:
        """Whether the search answered this question with these measures as they are sized and priced."""
        if self.run is None or self.setup is None:
            return False
        asked = [setup.query(self.usual.levers, with_chosen=False) for setup in (setup_of(self.run), self.setup)]
        return asked[0] == asked[1]

    @property
    def newer_months(self) -> bool:
        """Whether returns have come since the search."""
        return self.run is not None and self.run.last_month < self.last_month

    @property
    def answer(self) -> str:
        """The first line."""
        if self.result is not None and self.asks_what_was_answered:
            return plan_words.best_answer(self.result)
        return plan_words.now(self.given) if self.given else ""

    @property
    def said(self) -> str:
        """What the switched-on measures bring."""
        return plan_words.chosen(self.given, self.brings["plan"]) if self.brings else ""

    def rows(self) -> list[Row]:
        """The best plans of the search, each with its address."""
        if self.result is None or self.run is None or self.setup is None:
            return []
        asked, run = setup_of(self.run), f"&run={self.run.pk}"
        chosen = self.setup.chosen if self.asks_what_was_answered else None
        return ranked(self.result, chosen, lambda ids: _with(asked, ids, self.usual) + run)


def plan_page(user: User, site: Site, test: str, query: QueryDict) -> PlanPage:
    """Set the page up from its address, or from the person's newest search for this list if the address says nothing.

    Raises HistoryError when the list has no months to plan from, and Plan.DoesNotExist for a search they may not see.
    """
    from trustwide.analysis.capacity.monthly import Question, default_levers

    key = plan_figures.list_key(site, test)
    last = plan_figures.inputs_of(key).history.months[-1]
    usual = Setup(Question(by=last + 6), default_levers(test))
    run = _run(user, site, test, query)
    explicit = bool(query.keys() & {"weeks", "by"})
    start = setup_of(run) if run is not None and not explicit else usual
    if start.question.by is not None and start.question.by <= last:
        start = replace(start, question=usual.question)
    form = plan_form(start, last, query)
    page = PlanPage(site, test, form, usual, run, last.astype("datetime64[D]").item())
    if form.is_valid():
        try:
            return _worked_out(page, form.setup(), key)
        except HistoryError as error:
            form.add_error(None, str(error))
    return replace(page, switches=_blank(form))


def question_fields(form: PlanForm) -> dict[str, tuple[Component, ...]]:
    """The fields of the question and of the method, as the page groups them."""
    groups = {"question": ("weeks", "by", "confidence"), "method": ("futures", "seed")}
    return {group: tuple(component(form[name]) for name in names) for group, names in groups.items()}


def pictures(
    given: Figures,
    brings: Figures,
    history: MonthlyHistory,
    axes: Mapping[str, Axes] | None = None,
    prefix: str = "fan",
) -> tuple[Picture, ...]:
    """The list and the mean wait of those scanned, as usual and with the measures. `axes`: a figure's, if set."""
    axes, asked, drawn = axes or {}, given["target"], []
    nothing, chosen = given["do_nothing"]["months"], brings["months"] if brings["plan"]["levers"] else []
    for figure, title, places in FANS:
        spec = plan_charts.fans(
            title, figure, nothing, chosen, by=asked["by"], axes=axes.get(figure),
            before=_measured(history) if figure == "list" else (), target=None if figure == "list" else asked["weeks"],
        )  # fmt: skip
        when = f"{plan_words.month_of(asked['by'])}, median and 80% interval"
        sentence = f"{title}, {when}. {_both(nothing, chosen, figure, asked, places)}"
        drawn.append(Picture(f"{prefix}-{figure}", spec, sentence))
    return tuple(drawn)


def ranked(result: Figures, chosen: Sequence[str] | None, address: Any) -> list[Row]:
    """The best plans of an answer; `address` turns the ids of measures into the address that loads them."""
    return [
        Row(
            rank, plan, address(plan["levers"]),
            chosen is not None and sorted(chosen) == sorted(plan["levers"]),
        )
        for rank, plan in enumerate(result["plans"][:PLANS_SHOWN], start=1)
    ]  # fmt: skip


def result_pictures(result: Figures, chosen: Sequence[str]) -> dict[str, Picture | None]:
    """Cost against probability, and how right an earlier projection would have been."""
    best, past = result["plans"][0], result["hindsight"]
    spec = plan_charts.costs(result["plans"], result["target"]["confidence"], chosen, lever_titles(result))
    sentence = (
        f"{len(result['plans']):,} sets of measures were tried. The best costs "
        f"{plan_words.price(best)} and has "
        f"{best['probability_target_met']:.0%}; the line is the confidence asked for."
    )
    hindsight = past and Picture("hindsight", plan_charts.hindsight(past), plan_words.hindsight(past))
    return {"costs": Picture("costs", spec, sentence), "hindsight": hindsight}


def saved_pictures(plan: Plan, axes: Mapping[str, Axes] | None = None, prefix: str = "fan") -> tuple[Picture, ...]:
    """The fans of a stored plan."""
    return pictures(plan.given, plan.brings, MonthlyHistory.from_dict(plan.history), axes, prefix)


def common_axes(plans: Sequence[Plan]) -> dict[str, Axes]:
    """For each figure, axes on which the fans of all these plans can be compared."""
    every = [plan.given["do_nothing"]["months"] for plan in plans] + [plan.brings["months"] for plan in plans]
    before = {"list": [_measured(MonthlyHistory.from_dict(plan.history)) for plan in plans]}
    return {figure: plan_charts.common_axes(figure, every, before.get(figure, [])) for figure, _, _ in FANS}


def lever_titles(result: Figures) -> dict[str, str]:
    """The title of each measure by its id."""
    return {lever["id"]: lever["title"] for lever in result["levers"]}


def load_query(plan: Plan) -> str:
    """The address by which a stored plan is loaded into the switches."""
    from trustwide.analysis.capacity.monthly import default_levers

    return f"{setup_of(plan).query(default_levers(plan.test))}&run={plan.pk}"


def notes_of(plan: Plan) -> list[str]:
    """What to know before trusting a stored plan; the reports of the search's first plan are not those of this one."""
    reports = plan.chosen_plan["reports_per_week"]
    return [
        f"More tests need more reports: this plan takes {reports:,.0f} a week by the date, all tests included."
        if FIRST_PLAN in note else note
        for note in plan.given["notes"]
    ]  # fmt: skip


def _run(user: User, site: Site, test: str, query: QueryDict) -> Plan | None:
    here = Plan.objects.for_user(user).filter(site=site, test=test)
    if "run" in query:
        found: Plan = here.get(pk=plan_id(str(query["run"])))
        return found
    if query.keys() & {"weeks", "by"}:
        return None
    failed = (Plan.Status.FAILED, Plan.Status.CANCELLED)
    newest: Plan | None = here.originals().filter(created_by=user).exclude(status__in=failed).first()
    return newest


def _worked_out(page: PlanPage, asked: Setup, key: plan_figures.ListKey) -> PlanPage:
    planner = plan_figures.planner_for(key, asked.question, asked.levers)
    left_out = tuple(planner.refused[lever] for lever in asked.chosen if lever in planner.refused)
    setup = replace(asked, chosen=tuple(lever for lever in asked.chosen if lever not in planner.refused))
    given, brings = plan_figures.as_usual(key, setup.question), plan_figures.outcome(planner, setup.chosen)
    switches = tuple(
        _switch(page.form, here, here.lever.id in setup.chosen) for here in plan_figures.levers_here(planner)
    )
    return replace(
        page, setup=setup, given=given, brings=brings, switches=switches, left_out=left_out,
        pictures=pictures(given, brings, planner.history),
    )  # fmt: skip


def _switch(form: PlanForm, here: LeverHere, on: bool) -> Switch:
    names = [f"{part}-{here.lever.id}" for part in ("size", "price", "lead")]
    others = [lever.id for lever in form.levers if here.lever.id in lever.excludes or lever.id in here.lever.excludes]
    return Switch(
        here,
        tuple(component(form[name]) for name in names),
        on,
        " ".join(others),
        any(form[name].errors for name in names),
    )


def _blank(form: PlanForm) -> tuple[Switch, ...]:
    """The switches of a form that cannot be worked out yet."""
    on = set(form.data.get("lever", []))
    return tuple(_switch(form, LeverHere(lever, 0.0, "", 0.0, 0.0, ""), lever.id in on) for lever in form.levers)


def _measured(history: MonthlyHistory) -> list[tuple[str, float]]:
    waiting = zip(history.months[-MONTHS_MEASURED:], history.waiting_list[-MONTHS_MEASURED:], strict=True)
    return [(str(month), float(people)) for month, people in waiting]


def _with(asked: Setup, chosen: Sequence[str], usual: Setup) -> str:
    return replace(asked, chosen=tuple(chosen)).query(usual.levers)


def _both(nothing: list[Figures], chosen: list[Figures], figure: str, asked: Figures, places: int) -> str:
    parts = [plan_words.fan(nothing, figure, asked, what="as usual", places=places)]
    if chosen:
        parts.append(plan_words.fan(chosen, figure, asked, what="with the measures", places=places))
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."
