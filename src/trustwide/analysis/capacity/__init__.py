"""Waiting lists and capacity: simulate a service, plan a change."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Each part is loaded when its first name is used: the kernels, the file format and the fit take a while to import.
_HOMES = {
    "HistoryError": "monthly",
    "MonthlyHistory": "monthly",
    "Result": "result",
    "RunError": "exceptions",
    "Service": "model",
    "ServiceError": "exceptions",
    "load_service": "service",
    "simulate": "engines",
}
__all__ = [
    "HistoryError",
    "MonthlyHistory",
    "Result",
    "RunError",
    "Service",
    "ServiceError",
    "load_service",
    "simulate",
]

if TYPE_CHECKING:
    from trustwide.analysis.capacity.engines import simulate
    from trustwide.analysis.capacity.exceptions import RunError, ServiceError
    from trustwide.analysis.capacity.model import Service
    from trustwide.analysis.capacity.monthly import HistoryError, MonthlyHistory
    from trustwide.analysis.capacity.result import Result
    from trustwide.analysis.capacity.service import load_service


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
