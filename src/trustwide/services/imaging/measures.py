"""What the imaging service measures from its monthly returns."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from trustwide.commons.measures.definition import LogicalTable, MeasureDefinition, register, register_table
from trustwide.services.imaging.diagnostic_tests import DIAGNOSTIC_TESTS
from trustwide.services.imaging.lean import measures as _lean  # noqa: F401 - registers its own

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "dm01_returns"
OVER_SIX_WEEKS = tuple(f"band_{weeks:02d}" for weeks in range(6, 14))
_COUNTS = (*OVER_SIX_WEEKS, "waiting_list", "waiting_list_tests", "unscheduled_tests")


def _returns(site_ids: Collection[int] | None) -> pa.Table:
    """The returns of these sites as an arrow table, with the working days of each month."""
    import numpy as np
    import polars as pl
    import pyarrow as pa

    from trustwide.analysis.capacity.monthly.history import working_days
    from trustwide.commons.measures.arrow import arrow_of
    from trustwide.services.imaging.models import Dm01Return

    rows = Dm01Return.objects.all() if site_ids is None else Dm01Return.objects.filter(site_id__in=site_ids)
    types = {"site_id": pa.int64(), "test": pa.string(), "month": pa.date32(), **dict.fromkeys(_COUNTS, pa.int64())}
    frame = pl.DataFrame(arrow_of(rows.order_by().values_list(*types), pa.schema(types)))
    months = frame["month"].unique().sort()
    days = working_days(months.to_numpy().astype("datetime64[M]")) if len(months) else np.array([])
    calendar = pl.DataFrame({"month": months, "working_days": days}, schema_overrides={"working_days": pl.Float64})
    named = frame.join(calendar, on="month").rename({"test": "breakdown", "month": "period"})
    return named.to_arrow()


def _doubts(site_id: int, test: str) -> list[tuple[datetime.date, str]]:
    from trustwide.commons.organisations.models import Site
    from trustwide.services.imaging.figures import history
    from trustwide.services.imaging.rules import data_quality_notes

    notes = data_quality_notes(history(Site.objects.get(pk=site_id), test))
    return [(note.month, note.sentence) for note in notes]


def _list_page(site_code: str, test: str) -> str:
    return reverse("imaging:history", args=[site_code, test])


register_table(
    LogicalTable(
        name=TABLE,
        columns={
            "site_id": "int64",
            "breakdown": "string",
            "period": "date",
            **dict.fromkeys(_COUNTS, "int64"),
            "working_days": "float64",
        },
        rows=_returns,
        breakdowns={test.code: test.short_name for test in DIAGNOSTIC_TESTS},
        doubts=_doubts,
        page=_list_page,
        published=True,
    )
)


def _over_six_weeks(table: Any) -> Any:
    return sum((table[band] for band in OVER_SIX_WEEKS[1:]), start=table[OVER_SIX_WEEKS[0]]).sum()


def _with_month_before(table: Any) -> Any:
    """Rows whose month before was returned too, with the list as it stood then."""
    import ibis

    ordered = ibis.window(group_by=["site_id", "breakdown"], order_by="period")
    number = table.period.year() * 12 + table.period.month()
    both = table.mutate(list_before=table.waiting_list.lag().over(ordered), steps=number - number.lag().over(ordered))
    return both.filter(both.steps == 1)


register(
    MeasureDefinition(
        code="dm01_waiting_list",
        title="People waiting for a test",
        unit="people",
        improvement_direction="decrease",
        target=None,
        numerator=lambda table: table.waiting_list.sum(),
        denominator=None,
        quantity="stock",
        aim="access",
        owner="imaging",
        table=TABLE,
        counts="people waiting at the end of the month",
    ),
    MeasureDefinition(
        code="dm01_over_six_weeks",
        title="People waiting six weeks or more for a test",
        unit="people",
        improvement_direction="decrease",
        target=None,
        numerator=_over_six_weeks,
        denominator=None,
        quantity="stock",
        aim="access",
        owner="imaging",
        table=TABLE,
        counts="people who had waited six weeks or more at the end of the month",
    ),
    MeasureDefinition(
        code="dm01_six_week_share",
        title="Share of those waiting for a test who have waited six weeks or more",
        unit="%",
        improvement_direction="decrease",
        target=0.01,
        numerator=_over_six_weeks,
        denominator=lambda table: table.waiting_list.sum(),
        quantity="stock_share",
        aim="access",
        owner="imaging",
        table=TABLE,
        counts="people who had waited six weeks or more at the end of the month",
        out_of="people waiting at the end of the month",
    ),
    MeasureDefinition(
        code="dm01_tests_per_working_day",
        title="Tests from the waiting list per working day",
        unit="tests a working day",
        improvement_direction="increase",
        target=None,
        numerator=lambda table: table.waiting_list_tests.sum(),
        denominator=lambda table: table.working_days.max(),
        quantity="mean",
        aim="efficiency",
        owner="imaging",
        table=TABLE,
        counts="tests done from the waiting list in the month",
        out_of="working days in the month",
    ),
    MeasureDefinition(
        code="dm01_additions_per_working_day",
        title="Net additions to the waiting list per working day",
        unit="additions a working day",
        improvement_direction="neutral",
        target=None,
        numerator=lambda table: (table.waiting_list_tests + table.waiting_list - table.list_before).sum(),
        denominator=lambda table: table.working_days.max(),
        quantity="mean",
        aim="access",
        owner="imaging",
        table=TABLE,
        rows=_with_month_before,
        counts="tests from the waiting list plus the change in the list: additions less those taken off without a test",
        out_of="working days in the month",
    ),
    MeasureDefinition(
        code="dm01_unscheduled_per_working_day",
        title="Unscheduled tests per working day",
        unit="tests a working day",
        improvement_direction="neutral",
        target=None,
        numerator=lambda table: table.unscheduled_tests.sum(),
        denominator=lambda table: table.working_days.max(),
        quantity="mean",
        aim="access",
        owner="imaging",
        table=TABLE,
        counts="emergency and inpatient tests done in the month",
        out_of="working days in the month",
    ),
)
