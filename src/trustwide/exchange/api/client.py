"""Data frames from the API, for notebooks. Needs pandas and pyarrow, and no Django.

client = Client("https://trustwide.example", key)
client.observations(measure="dm01_waiting_list", site="N1", breakdown="MRI")
"""

from __future__ import annotations

import http.client
import io
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

if TYPE_CHECKING:
    import datetime
    import email.message

    import pandas as pd
    import pyarrow as pa

ROWS_A_PAGE = 10_000
NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
LOCAL = ("localhost", "127.0.0.1", "::1")


class ApiError(Exception):
    """The API gave no answer, or refused; the sentence says why. `status` is that of HTTP, or 0 without an answer."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect is told, not followed: the key is for the host that was named and no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True)
class Client:
    """What a person or their token may see of a Trustwide site, as data frames; every page of a list is followed.

    address: of the site, without /api. key: of an access token ("Your account", "Access tokens"). timeout: seconds an
    answer may take. Columns are those of docs/reference/api.md; days are datetimes. Values are in the measure's unit.
    """

    address: str
    key: str = field(repr=False)
    timeout: float = 60.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
            raise ApiError(
                f'The address is "{self.address}"; expected one with https://, so that nobody reads the key.'
            )

    def sites(self) -> pd.DataFrame:
        """The sites that you may see. Raises ApiError."""
        return self._list("sites")

    def definitions(self) -> pd.DataFrame:
        """Every measure as it is defined now. Raises ApiError."""
        return self._list("definitions")

    def definition(self, measure: str) -> dict[str, Any]:
        """One measure, with its breakdowns and every version of its definition. Raises ApiError."""
        return self._one("definitions", measure)

    def observations(
        self,
        *,
        measure: str = "",
        site: str = "",
        breakdown: str = "",
        start: datetime.date | str | None = None,
        end: datetime.date | str | None = None,
    ) -> pd.DataFrame:
        """Values of measures, for periods that begin from `start` to `end` (dates or ISO text). Raises ApiError."""
        days = {"from": start, "to": end}
        asked = {name: str(value) for name, value in days.items() if value is not None}
        return self._list("observations", measure=measure, site=site, breakdown=breakdown, **asked)

    def charts(self, *, measure: str = "", site: str = "", breakdown: str = "") -> pd.DataFrame:
        """What each control chart says at its newest point. Raises ApiError."""
        return self._list("charts", measure=measure, site=site, breakdown=breakdown)

    def chart(self, measure: str, site: str, breakdown: str = "") -> pd.DataFrame:
        """The points of one chart, oldest first; `attrs` of the frame holds the rest: sentence, kind, marks, forecast.

        Raises ApiError.
        """
        import pandas as pd

        told = self._one("charts", measure, site, breakdown or "-")
        points = pd.DataFrame(told.pop("points"))
        points["date"] = pd.to_datetime(points["date"])
        points.attrs = told
        return points

    def signals(
        self, *, state: str = "open", measure: str = "", site: str = "", breakdown: str = "", verdict: str = ""
    ) -> pd.DataFrame:
        """Patterns that chance does not explain; `state` is open, closed or any. Raises ApiError."""
        asked = {"measure": measure, "site": site, "breakdown": breakdown, "verdict": verdict}
        return self._list("signals", state=state, **asked)

    def signal(self, number: int) -> dict[str, Any]:
        """One signal, and what people did about it. Raises ApiError."""
        return self._one("signals", str(number))

    def _list(self, name: str, **asked: str) -> pd.DataFrame:
        import pyarrow as pa

        pages = list(self._pages(name, {key: value for key, value in asked.items() if value}))
        return pa.concat_tables(pages).to_pandas(date_as_object=False)

    def _pages(self, name: str, asked: dict[str, str]) -> Iterator[pa.Table]:
        import pyarrow.parquet as pq

        long = {} if name in ("sites", "definitions") else {"limit": str(ROWS_A_PAGE)}
        query: str | None = urlencode({**asked, **long, "format": "parquet"})
        while query is not None:
            body, headers = self._get(f"{name}?{query}")
            yield pq.read_table(io.BytesIO(body))
            after = NEXT.search(headers.get("Link", ""))
            query = urlsplit(after[1]).query if after else None

    def _one(self, *path: str) -> dict[str, Any]:
        body, _ = self._get("/".join(quote(part, safe="") for part in path))
        told: dict[str, Any] = json.loads(body)
        return told

    def _get(self, path: str) -> tuple[bytes, email.message.Message]:
        address = f"{self.address.rstrip('/')}/api/v1/{path}"
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.key}"})  # noqa: S310
        try:
            # S310: the scheme was checked when the client was made
            with urllib.request.build_opener(_StayHere).open(request, timeout=self.timeout) as answer:
                return answer.read(), answer.headers
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise ApiError(_sentence(refusal), refusal.code) from None
        except (OSError, http.client.HTTPException) as silence:
            reason = getattr(silence, "reason", silence)
            raise ApiError(f"{self.address} gives no answer ({reason}); check the address and the network.") from None


def _sentence(refusal: urllib.error.HTTPError) -> str:
    try:
        told = json.loads(refusal.read())
    except ValueError:
        told = None
    if isinstance(told, dict) and "detail" in told:
        return str(told["detail"])
    return f"The answer was {refusal.code} without a reason; check that the address is that of a Trustwide site."
