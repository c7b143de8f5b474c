"""Waiting lists and capacity: simulate a service, plan a change."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Each part is loaded when its first name is used: the kernels, the file format and the fit take a while to import.
_HOMES = {
    "Department": "flow.model",
    "Estimate": "run_size",
    "HistoryError": "monthly",
    "Lever": "planner",
    "LeverError": "exceptions",
    "MonthlyHistory": "monthly",
    "PlanResult": "planner",
    "Result": "result",
    "RunError": "exceptions",
    "Service": "model",
    "ServiceError": "exceptions",
    "WarmUpChoice": "mser",
    "estimate": "run_size",
    "compare_layouts": "flow.simulation",
    "load_department": "flow.department",
    "load_levers": "planner",
    "load_service": "service",
    "plan": "planner",
    "simulate": "engines",
    "simulate_department": "flow.simulation",
    "simulate_many": "many",
    "warm_up": "mser",
    "with_levers": "planner",
}
__all__ = [
    "Department",
    "Estimate",
    "HistoryError",
    "Lever",
    "LeverError",
    "MonthlyHistory",
    "PlanResult",
    "Result",
    "RunError",
    "Service",
    "ServiceError",
    "WarmUpChoice",
    "compare_layouts",
    "estimate",
    "load_department",
    "load_levers",
    "load_service",
    "plan",
    "simulate",
    "simulate_department",
    "simulate_many",
    "warm_up",
    "with_levers",
]

if TYPE_CHECKING:
    from trustwide.analysis.capacity.engines import simulate
    from trustwide.analysis.capacity.exceptions import LeverError, RunError, ServiceError
    from trustwide.analysis.capacity.flow.department import load_department
    from trustwide.analysis.capacity.flow.model import Department
    from trustwide.analysis.capacity.flow.simulation import compare_layouts, simulate_department
    from trustwide.analysis.capacity.many import simulate_many
    from trustwide.analysis.capacity.model import Service
    from trustwide.analysis.capacity.monthly import HistoryError, MonthlyHistory
    from trustwide.analysis.capacity.mser import WarmUpChoice, warm_up
    from trustwide.analysis.capacity.planner import Lever, PlanResult, load_levers, plan, with_levers
    from trustwide.analysis.capacity.result import Result
    from trustwide.analysis.capacity.run_size import Estimate, estimate
    from trustwide.analysis.capacity.service import load_service


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
