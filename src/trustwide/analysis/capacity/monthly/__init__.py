"""Planning from public monthly data: from a provider's DM01 months to a ranked plan, and how right it would have been."""

from trustwide.analysis.capacity.monthly.answer import Answer, answer
from trustwide.analysis.capacity.monthly.backtest import Score, backtest
from trustwide.analysis.capacity.monthly.course import Panel, fit_usual_course
from trustwide.analysis.capacity.monthly.history import HistoryError, MonthlyHistory
from trustwide.analysis.capacity.monthly.levers import Lever, LeverError, default_levers, levers_from
from trustwide.analysis.capacity.monthly.plan import Planner, Question

__all__ = [
    "Answer",
    "HistoryError",
    "Lever",
    "LeverError",
    "MonthlyHistory",
    "Panel",
    "Planner",
    "Question",
    "Score",
    "answer",
    "backtest",
    "default_levers",
    "fit_usual_course",
    "levers_from",
]
