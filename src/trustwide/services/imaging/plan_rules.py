"""Who may do what with a plan, and in which state; each rule once, with two doors."""

from __future__ import annotations

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import NotAllowedError, can
from trustwide.services.imaging.plan_models import Plan
from trustwide.services.imaging.runs import RunStateError


def can_change_plan(user: User, plan: Plan) -> bool:
    """Whoever made it and still makes plans there, or who manages the site."""
    mine = plan.created_by_id == user.pk and can(user, "make_plans", plan.site)
    return mine or can(user, "manage_sites", plan.site)


def check_can_change_plan(user: User, plan: Plan) -> None:
    """Raise NotAllowedError, with a sentence for the person, unless `can_change_plan`."""
    if not can_change_plan(user, plan):
        raise NotAllowedError(f"Only {plan.created_by} may change this plan. Make a plan of your own from it instead.")


def can_use_answer(plan: Plan) -> bool:
    """Whether there is an answer to save, share or repeat."""
    return plan.status == Plan.Status.DONE


def check_can_use_answer(plan: Plan) -> None:
    """Raise RunStateError, with a sentence for the person, unless `can_use_answer`."""
    if not can_use_answer(plan):
        raise RunStateError("This plan has no answer yet. Wait until the search has finished, or start it again.")


def can_share(plan: Plan) -> bool:
    """A plan is shared once it has a name and an answer."""
    return plan.is_saved and can_use_answer(plan)


def check_can_share(plan: Plan) -> None:
    """Raise RunStateError, with a sentence for the person, unless `can_share`."""
    check_can_use_answer(plan)
    if not can_share(plan):
        raise RunStateError("Save the plan under a name first; then it can be shared.")
