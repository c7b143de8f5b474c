"""What can be read, one function an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from trustwide.commons.measures.chart_pages import chart_page
from trustwide.commons.measures.definition import measure as measure_of
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.exceptions import UnknownMeasureError
from trustwide.commons.measures.models import ChartSummary, Observation, Signal
from trustwide.commons.measures.reading import for_reader
from trustwide.exchange.api import rows, schemas
from trustwide.exchange.api.access import Reader
from trustwide.exchange.api.asking import (
    NO_BREAKDOWN,
    Asked,
    AskedObservations,
    AskedPage,
    AskedSignals,
)
from trustwide.exchange.api.exceptions import NothingThereError
from trustwide.exchange.api.files import CONTENT_TYPES, as_file
from trustwide.exchange.api.paging import Order, page_of, place_of

router = Router()
Row = TypeVar("Row", bound=Schema)

SERIES: Order = {"site_id": int, "measure": str, "breakdown": str}
PERIODS: Order = {**SERIES, "period": dt.date}
FOUND: Order = {"pk": int}
PROBLEMS = {frozenset({401, 403, 404, 422, 429}): schemas.Problem}
FILES: dict[str, Any] = {
    "responses": {
        200: {
            "content": {each: {"schema": {"type": "string", "format": "binary"}} for each in CONTENT_TYPES},
            "headers": {
                "Link": {
                    "description": 'Of a file: the address of the page that follows, as rel="next".',
                    "schema": {"type": "string"},
                }
            },
        }
    }
}


@router.get("sites", response={200: schemas.Page[schemas.SiteRow], **PROBLEMS}, openapi_extra=FILES)
def sites(request: HttpRequest, asked: Query[Asked]) -> Any:
    """The sites that you may see, by code."""
    found = _reader(request, asked).sites().select_related("partner__partnership").order_by("code")
    return _answer(request, asked, schemas.SiteRow, map(rows.site_row, found))


@router.get("definitions", response={200: schemas.Page[schemas.DefinitionRow], **PROBLEMS}, openapi_extra=FILES)
def definitions(request: HttpRequest, asked: Query[Asked]) -> Any:
    """Every measure as it is defined now, by code."""
    _reader(request, asked)
    numbers = rows.version_numbers()
    return _answer(
        request,
        asked,
        schemas.DefinitionRow,
        (schemas.DefinitionRow(**rows.definition_fields(each, numbers.get(each.code))) for each in measures()),
    )


@router.get("definitions/{code}", response={200: schemas.Definition, **PROBLEMS})
def definition(request: HttpRequest, code: str) -> Any:
    """One measure with every version of its definition."""
    _reader(request)
    return rows.definition(_measure(code))


@router.get("observations", response={200: schemas.Page[schemas.ObservationRow], **PROBLEMS}, openapi_extra=FILES)
def observations(request: HttpRequest, asked: Query[AskedObservations]) -> Any:
    """Values of measures, by site, measure, breakdown and period; of those not published, where you may see rows."""
    place, reader = place_of(asked.cursor, PERIODS), _reader(request, asked)
    found, codes = _of_series(reader, Observation.objects.filter(reader.figures_at()), asked, place)
    if asked.start:
        found = found.filter(period__gte=asked.start)
    if asked.end:
        found = found.filter(period__lte=asked.end)
    page, after = page_of(found, PERIODS, place, limit=asked.limit)
    return _answer(request, asked, schemas.ObservationRow, rows.observation_rows(page, codes), after)


@router.get("charts", response={200: schemas.Page[schemas.ChartRow], **PROBLEMS}, openapi_extra=FILES)
def charts(request: HttpRequest, asked: Query[AskedPage]) -> Any:
    """What each control chart says at its newest point, by site, measure and breakdown; which, as of observations."""
    place, reader = place_of(asked.cursor, SERIES), _reader(request, asked)
    found, codes = _of_series(reader, ChartSummary.objects.filter(reader.figures_at()), asked, place)
    page, after = page_of(found, SERIES, place, limit=asked.limit)
    return _answer(request, asked, schemas.ChartRow, rows.chart_rows(page, codes), after)


@router.get("charts/{measure}/{site}/{breakdown}", response={200: schemas.Chart, **PROBLEMS})
def chart(request: HttpRequest, measure: str, site: str, breakdown: str) -> Any:
    """One control chart: its points with limits and flags, the periods to come, and what people marked.

    Where a measure has no breakdown, "-" stands for it.
    """
    reader = _reader(request)
    visible = {each.code: each for each in reader.sites()}
    where, what = _known(visible, site, "site"), "" if breakdown == NO_BREAKDOWN else breakdown
    try:
        page = chart_page(measure, where, what) if "\x00" not in what else None
    except UnknownMeasureError as unknown:
        raise NothingThereError(str(unknown)) from None
    if page is None or page.chart is None:
        raise NothingThereError(f'There is no chart of "{measure}" at {site} for "{breakdown}".')
    if not reader.may_see_figures_of(page.definition, where):
        raise HttpError(403, f"The figures of {measure} at {site} are for those who may see the rows behind them.")
    return rows.chart(page, page.chart)


@router.get("signals", response={200: schemas.Page[schemas.SignalRow], **PROBLEMS}, openapi_extra=FILES)
def signals(request: HttpRequest, asked: Query[AskedSignals]) -> Any:
    """Patterns that chance does not explain, in the order in which they were found."""
    reader = _reader(request, asked)
    found, codes = _of_series(reader, Signal.objects.select_related("assigned_to"), asked)
    if asked.state != "any":
        found = found.filter(closed__isnull=asked.state == "open")
    if asked.verdict:
        found = found.filter(verdict=asked.verdict)
    page, after = page_of(found, FOUND, place_of(asked.cursor, FOUND), limit=asked.limit)
    return _answer(request, asked, schemas.SignalRow, rows.signal_rows(for_reader(page, reader.user), codes), after)


@router.get("signals/{int:signal_id}", response={200: schemas.Signal, **PROBLEMS})
def signal(request: HttpRequest, signal_id: int) -> Any:
    """One signal, and what people did about it."""
    reader = _reader(request)
    visible = Signal.objects.filter(site__in=reader.sites())
    found = visible.select_related("site", "assigned_to").prefetch_related("acts").filter(pk=signal_id).first()
    told = rows.signal(for_reader([found], reader.user)[0]) if found is not None else None
    if told is None:
        raise NothingThereError(f"There is no signal {signal_id} that you may see.")
    return told


def _reader(request: HttpRequest, asked: Asked | None = None) -> Reader:
    """Who asks. A parameter that does not exist is refused: a filter with a slip in its name would let all through."""
    fields = type(asked).model_fields.items() if asked else ()
    known = [field.alias or name for name, field in fields]
    unknown = sorted(set(request.GET) - set(known))
    if unknown:
        may = f"expected {', '.join(known)}" if known else "this address takes none"
        raise HttpError(422, f'There is no parameter "{unknown[0]}"; {may}.')
    reader: Reader = request.auth  # type: ignore[attr-defined]
    return reader


def _of_series(
    reader: Reader, rows: QuerySet[Any], asked: AskedPage, place: Sequence[Any] = ()
) -> tuple[QuerySet[Any], Mapping[int, str]]:
    """The rows that the reader may see and asks for, and the codes of their sites.

    `place` begins with the site after which the page begins, where the list is in the order of sites.
    """
    codes = dict(reader.sites().values_list("pk", "code"))
    # said of the sites too: SQLite would read the index of all sites before, so that late pages took long
    found = rows.filter(site__in=reader.sites().filter(pk__gte=place[0] if place else 0))
    if asked.measure:
        found = found.filter(measure=_measure(asked.measure).code)
    if asked.site:
        found = found.filter(site=_known({code: pk for pk, code in codes.items()}, asked.site, "site"))
    if "\x00" in asked.breakdown:
        raise NothingThereError("There is no such breakdown.")
    if asked.breakdown:
        found = found.filter(breakdown="" if asked.breakdown == NO_BREAKDOWN else asked.breakdown)
    return found, codes


def _measure(code: str) -> Any:
    try:
        return measure_of(code)
    except UnknownMeasureError as unknown:
        raise NothingThereError(str(unknown)) from None


def _known(things: Mapping[str, Any], code: str, what: str) -> Any:
    if code not in things:
        raise NothingThereError(f'There is no {what} "{code}" that you may see.')
    return things[code]


def _answer(
    request: HttpRequest, asked: Asked, kind: type[Row], found: Iterable[Row], after: str | None = None
) -> schemas.Page[Row] | HttpResponse:
    items = list(found)
    if asked.format == "json":
        return schemas.Page[kind](items=items, next=after)  # type: ignore[valid-type]
    name = request.path.rstrip("/").rsplit("/", 1)[-1]
    response = as_file(asked.format, name, kind, items)
    if after:
        address = request.GET.copy()
        address["cursor"] = after
        response["Link"] = f'<{request.build_absolute_uri(request.path)}?{address.urlencode()}>; rel="next"'
    return response
