"""The answer to a plan: the list now, doing nothing, the gap, the ranked sets, their worth, and how far to trust it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trustwide.analysis.capacity.model import Service
from trustwide.analysis.capacity.planner.course import Course, Months, course_dict
from trustwide.analysis.capacity.planner.lever_fields import Lever
from trustwide.analysis.capacity.planner.now import Gap, closed_form_dict, gap_of, now_dict, requests_a_week
from trustwide.analysis.capacity.planner.outcome import NEVER
from trustwide.analysis.capacity.planner.question import Question
from trustwide.analysis.capacity.planner.sets import Choice
from trustwide.analysis.capacity.planner.standing import Standing, front
from trustwide.analysis.capacity.planner.trial import Setting
from trustwide.analysis.capacity.planner.words import notes, seconds_in_words
from trustwide.analysis.capacity.planner.worth import SecondBest, Worth

if TYPE_CHECKING:
    import pandas as pd

LISTED = 500  # sets in the answer


@dataclass(frozen=True)
class PlanResult:
    """Everything a plan says of a service; `to_dict` is its JSON.

    ranking: all admissible sets, the best first, each with the replications it got. do_nothing, with_best: the course
    of the list, replication by replication.
    """

    setting: Setting
    levers: tuple[Lever, ...]
    choice: Choice
    ranking: tuple[Standing, ...]
    worths: tuple[Worth, ...]
    seconds: tuple[SecondBest, ...]
    months: Months
    do_nothing: list[Course]
    with_best: list[Course]

    @property
    def service(self) -> Service:
        return self.setting.service

    @property
    def question(self) -> Question:
        return self.setting.question

    @property
    def nothing(self) -> Standing:
        return next(one for one in self.ranking if not one.levers.levers)

    @property
    def gap(self) -> Gap:
        return gap_of(self.service, self.question, self.nothing)

    @property
    def replications_spent(self) -> int:
        return sum(one.replications for one in self.ranking)

    @property
    def digest(self) -> str:
        """SHA-256 over the service, the levers, the question and every outcome: equal digests are equal answers."""
        asked = {
            "service": self.service.fingerprint,
            "levers": [lever.model_dump(mode="json") for lever in self.levers],
            "targets": {number: target.model_dump(mode="json") for number, target in self.question.targets.items()},
            "question": [
                self.question.weeks, self.question.confidence, self.question.replications, self.question.seed,
                self.question.budget, sorted(self.question.staff.items()),
            ],
            "outcomes": [[one.levers.ids, one.levers.starts, one.outcomes] for one in self.ranking],
        }  # fmt: skip
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """The JSON shape of `trustwide plan`; every forecast figure has median, low and high (80 %)."""
        start = self.service.fields.start
        on_front = {id(one) for one in front(self.ranking)}
        return {
            "service": self.service.name,
            "target": self._target(),
            "now": now_dict(self.service),
            "gap_per_week": {"hold": self.gap.hold.to_dict(1), "reach": self.gap.reach.to_dict(1)},
            "clearance_tests": self.gap.clearance.to_dict(0),
            "do_nothing": course_dict(self.do_nothing, self.months, start),
            "best": course_dict(self.with_best, self.months, start),
            "closed_form": closed_form_dict(self.service, self.question, self.gap),
            "plans": [plan_dict(one, self.question, start) for one in self.ranking[:LISTED]],
            "pareto": [number for number, one in enumerate(self.ranking[:LISTED]) if id(one) in on_front],
            "marginal_worth": [worth.to_dict() for worth in self.worths],
            "second_best": seconds_in_words(self.seconds, self.question),
            "evaluated": len(self.ranking),
            "ruled_out": sum(one.ruled_out for one in self.ranking),
            "replications_spent": self.replications_spent,
            "replications_of_trying_all": len(self.ranking) * self.question.replications,
            "refused": [{"lever": key, "reason": reason} for key, reason in self.choice.refused.items()],
            "levers": [lever.model_dump(mode="json", exclude_defaults=True) for lever in self.levers],
            "notes": notes(self.ranking, self.choice, self.question, requests_a_week(self.service, self.question)),
            "replications": self.question.replications,
            "seed": self.question.seed,
            "digest": self.digest,
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a set, the best first, as a data frame."""
        import pandas as pd  # only here: it takes a while to load

        start = self.service.fields.start
        rows = [plan_dict(one, self.question, start) for one in self.ranking]
        for row in rows:
            row["levers"] = " + ".join(row["levers"]) or "nothing"
            row |= {"scanned_mean_weeks": row["scanned_mean_weeks"]["median"], "waiting": row["waiting"]["median"]}
            row["probability_low"], row["probability_high"] = row.pop("probability_interval")
        return pd.DataFrame(rows).drop(columns=["starts", "over_6_weeks"])

    def _target(self) -> dict[str, Any]:
        streams = self.service.fields.demand
        common = next(iter(self.question.targets.values()))
        return {
            "who": common.who, "statistic": common.statistic, "weeks": common.weeks, "by": str(self.question.by),
            "confidence": self.question.confidence, "budget": self.question.budget, "staff": dict(self.question.staff),
            "streams": {
                streams[number].id: target.model_dump(mode="json", include={"who", "statistic", "weeks"})
                for number, target in self.question.targets.items()
            },
        }  # fmt: skip


def plan_dict(one: Standing, question: Question, start: dt.date) -> dict[str, Any]:
    """One ranked set."""
    cost = one.levers.cost
    return {
        "levers": list(one.levers.ids),
        "starts": list(one.levers.starts),
        "cost_per_year": round(cost.cost_per_year),
        "one_off": round(cost.one_off),
        "capital": round(cost.capital),
        "annual_equivalent": round(one.levers.annual_equivalent),
        "spent_by_date": round(one.levers.spent_by(question.weeks)),
        "probability_target_met": round(one.probability, 4),
        "probability_interval": [round(end, 4) for end in one.interval],
        "scanned_mean_weeks": one.range_of("scanned_mean_weeks").to_dict(),
        "waiting": one.range_of("waiting").to_dict(0),
        "over_6_weeks": one.range_of("over_six_weeks").to_dict(0),
        "target_met_on": _met_on(one, start),
        "replications": one.replications,
        "room_used": None if one.room is None else round(one.room.use, 4),
    }


def _met_on(one: Standing, start: dt.date) -> str | None:
    """The last day of the week by which half the replications met the target and kept it."""
    weeks = np.array([week if week != NEVER else np.inf for week in one.values("first_met")])
    middle = float(np.median(weeks)) if weeks.size else np.inf
    return str(start + dt.timedelta(days=7 * int(np.ceil(middle)) + 6)) if np.isfinite(middle) else None
