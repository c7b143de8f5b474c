"""What the templates of a run's answer need, by the kind of question."""

from __future__ import annotations

from typing import Any

from trustwide.services.imaging.capacity import run_pages, run_words
from trustwide.services.imaging.capacity.models import ServiceRun
from trustwide.services.imaging.capacity.run_charts import named


def answer_context(run: ServiceRun | None) -> dict[str, Any]:
    """Pictures and rows of an answered run; nothing for one without an answer."""
    if run is None or run.status != ServiceRun.Status.DONE:
        return {}
    course = run_pages.course_of(run)
    context: dict[str, Any] = {
        "pictures": run_pages.fans(run), "course": run_pages.course_table(course), "run_words": run_words
    }  # fmt: skip
    if run.kind == ServiceRun.Kind.NOTHING:
        return context | {"streams": run_pages.streams_of(run), "scanners": run_pages.scanners_of(run)}
    plan, titles = run_pages.plan_of(run), run_pages.titles_of(run.given)
    context |= {"plan": plan, "titles": titles, "names": named(plan["levers"], titles)}
    if run.kind == ServiceRun.Kind.SEARCH:
        context |= {"pareto": run_pages.pareto(run.given), "ranked": run_pages.ranked(run)}
    return context
