"""Planning from public monthly data: from DM01 months to a ranked plan, and how right it would have been."""

from trustwide.analysis.capacity.exceptions import LeverError
from trustwide.analysis.capacity.monthly.answer import Answer, answer, settle
from trustwide.analysis.capacity.monthly.backtest import Hindsight, Score, backtest, hindsight
from trustwide.analysis.capacity.monthly.backtest_shares import ShareScore, backtest_shares
from trustwide.analysis.capacity.monthly.course import Panel, UsualCourse, fit_usual_course
from trustwide.analysis.capacity.monthly.history import HistoryError, MonthlyHistory
from trustwide.analysis.capacity.monthly.levers import Lever, default_levers, lever_cost, levers_from
from trustwide.analysis.capacity.monthly.plan import Planner, Question

__all__ = [
    "Answer",
    "Hindsight",
    "HistoryError",
    "Lever",
    "LeverError",
    "MonthlyHistory",
    "Panel",
    "Planner",
    "Question",
    "Score",
    "ShareScore",
    "UsualCourse",
    "answer",
    "backtest",
    "backtest_shares",
    "default_levers",
    "fit_usual_course",
    "hindsight",
    "lever_cost",
    "levers_from",
    "settle",
]
