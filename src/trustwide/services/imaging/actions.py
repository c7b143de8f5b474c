"""Brings monthly returns into the database."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import check_can, sites_where
from trustwide.commons.audit.actions import Actor, record
from trustwide.commons.measures.actions import refresh, refresh_forecasts
from trustwide.commons.measures.bulk import upsert
from trustwide.commons.organisations.models import Site
from trustwide.services.imaging.measures import TABLE
from trustwide.services.imaging.models import RETURNS_IMPORTED, Dm01Return
from trustwide.services.imaging.providers import sites_of

if TYPE_CHECKING:
    import polars as pl

KEY = ("site_id", "test", "month")
COUNTS = (
    *(f"band_{weeks:02d}" for weeks in range(14)),
    "waiting_list", "waiting_list_tests", "planned_tests", "unscheduled_tests",
)  # fmt: skip


@dataclass(frozen=True)
class ImportSummary:
    """How many returns are new, differ from what was there, or were there already; and the providers first seen."""

    added: int
    changed: int
    unchanged: int
    providers_added: tuple[str, ...]


def _quiet(_: str) -> None:
    pass


@transaction.atomic
def import_returns(
    rows: pl.DataFrame, *, by: Actor, source: str, progress: Callable[[str], None] = _quiet
) -> ImportSummary:
    """Store the returns in `rows` (columns of trustwide.exchange.returns) and what follows from them: all or nothing.

    Doing it again changes nothing. `source` says where they come from; `progress` is told each step in words.
    Raises NotAllowedError for a person who may not import at every one of the sites; a named job may.
    """
    names = dict(rows.sort("month").select("provider_code", "provider_name").iter_rows())
    sites, added_providers = sites_of(names)
    _check_may_import(by, sites.values())
    incoming = _with_sites(rows, sites)
    stored = _stored(sorted(set(sites.values())))
    keys = incoming.join(stored, on=[*KEY, *COUNTS], how="anti")
    changed = keys.join(stored, on=KEY, how="semi").height
    summary = ImportSummary(keys.height - changed, changed, incoming.height - keys.height, added_providers)
    if keys.is_empty():
        return summary
    progress(f"Storing {keys.height:,} returns of {keys['site_id'].n_unique():,} providers")
    upsert(Dm01Return, (*KEY, *COUNTS), _as_rows(keys), KEY)
    progress("Computing measures and charts")
    refresh(TABLE, set(keys.select("site_id", "test").unique().iter_rows()))
    progress("Forecasting the year ahead")
    refresh_forecasts(TABLE)
    months = keys["month"].sort().dt.strftime("%Y-%m")
    details = {
        "source": source, "added": summary.added, "changed": changed, "unchanged": summary.unchanged,
        "providers_added": len(added_providers), "first_month": months[0], "last_month": months[-1],
    }  # fmt: skip
    record(RETURNS_IMPORTED, by=by, details=details)
    return summary


def _check_may_import(by: Actor, sites: Collection[int]) -> None:
    if not isinstance(by, User):
        return
    check_can(by, "import_returns")
    elsewhere = Site.objects.filter(pk__in=sites).exclude(pk__in=sites_where(by, "import_returns"))
    for site in elsewhere.select_related("partner__partnership").order_by("code")[:1]:
        check_can(by, "import_returns", site)


def _with_sites(rows: pl.DataFrame, sites: dict[str, int]) -> pl.DataFrame:
    import polars as pl

    site = pl.col("provider_code").replace_strict(list(sites), list(sites.values()), return_dtype=pl.Int64)
    return rows.select(site.alias("site_id"), "test", "month", *(pl.col(count).cast(pl.Int64) for count in COUNTS))


def _stored(site_ids: list[int]) -> pl.DataFrame:
    import polars as pl

    schema: dict[str, Any] = {"site_id": pl.Int64, "test": pl.String, "month": pl.Date}
    schema |= dict.fromkeys(COUNTS, pl.Int64)
    rows = Dm01Return.objects.filter(site_id__in=site_ids).order_by().values_list(*schema)
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def _as_rows(returns: pl.DataFrame) -> Any:
    import polars as pl

    return returns.with_columns(pl.col("month").cast(pl.String)).iter_rows()
