"""Pages of long lists: each begins after the last row of the one before, so none is told twice or left out.

A cursor holds that row's place in the order, not a count: rows computed anew in between change nothing, and a page
deep in a list is as quick as the first.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from trustwide.exchange.api.exceptions import NothingThereError

Order = Mapping[str, type]
GREATEST = 2**63 - 1  # of a whole number in the database


def page_of(rows: QuerySet[Any], order: Order, place: Sequence[Any], *, limit: int) -> tuple[list[Any], str | None]:
    """The rows after `place` in the order (from the start, if it is empty), and the cursor after them, None at the end.

    `order` names the fields that put the rows in order, no two alike, and their types: int, str or datetime.date.
    """
    if place:
        rows = rows.filter(TupleGreaterThan(Tuple(*(F(name) for name in order)), list(place)))
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], cursor_after([getattr(found[limit - 1], name) for name in order])


def place_of(cursor: str, order: Order) -> list[Any]:
    """The place that a cursor holds; empty without one. Raises NothingThereError for one that is not of this list."""
    if not cursor:
        return []
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list):
            raise ValueError("no list")
        return [_value(value, kind) for value, kind in zip(values, order.values(), strict=True)]
    except (binascii.Error, RecursionError, ValueError):  # JSON and text that is no UTF-8 are ValueErrors too
        raise NothingThereError("This cursor leads to no page; take it from `next` of the page before.") from None


def cursor_after(place: Sequence[Any]) -> str:
    """The cursor of a row's place in the order."""
    values = [value.isoformat() if isinstance(value, dt.date) else value for value in place]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _value(value: Any, kind: type) -> Any:
    if kind is int and type(value) is int and 0 <= value <= GREATEST:
        return value
    if kind is not int and isinstance(value, str) and "\x00" not in value:
        value.encode()  # raises ValueError for half a character
        return dt.date.fromisoformat(value) if kind is dt.date else value
    raise ValueError("another type")
