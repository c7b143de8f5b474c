"""Planning a service: levers, the sets they make, and the search for the best of them."""

from trustwide.analysis.capacity.planner.answer import PlanResult
from trustwide.analysis.capacity.planner.lever_fields import Lever
from trustwide.analysis.capacity.planner.levers import load_levers, with_levers
from trustwide.analysis.capacity.planner.planning import plan

__all__ = ["Lever", "PlanResult", "load_levers", "plan", "with_levers"]
