"""Excel workbooks whose figures are live formulae, so that finance can check and change them."""

from trustwide.exchange.workbooks.plan import write_plan
from trustwide.exchange.workbooks.service_plan import write_service_plan

__all__ = ["write_plan", "write_service_plan"]
