"""One provider's months of one test, as the arrays that analysis works on."""

from __future__ import annotations

import difflib

import numpy as np
import polars as pl

from trustwide.analysis.capacity import MonthlyHistory
from trustwide.exchange.returns.columns import ACTIVITY, BANDS
from trustwide.exchange.returns.exceptions import UnknownProviderError
from trustwide.exchange.returns.meanings import parse_test
from trustwide.services.imaging.diagnostic_tests import BY_CODE


def history(frame: pl.DataFrame, provider: str, test: str) -> MonthlyHistory:
    """Months of `provider` (its code) and `test`, oldest first, from the frame of a Dm01File.

    Raises UnknownProviderError for a provider or a test that the frame does not hold, naming near ones.
    """
    code = known_test(test)
    rows = frame.filter(pl.col("provider_code") == provider.strip().upper())
    if rows.is_empty():
        raise UnknownProviderError(_unknown_provider(frame, provider))
    months = rows.filter(pl.col("test") == code).sort("month")
    if months.is_empty():
        held = ", ".join(rows["test"].unique().sort())
        raise UnknownProviderError(f"{provider.strip().upper()} returned no {code} in this data; it returned {held}.")
    return MonthlyHistory(
        provider=months["provider_code"][0],
        provider_name=months["provider_name"][-1],
        test=code,
        months=months["month"].to_numpy().astype("datetime64[M]"),
        bands=months.select(pl.col(BANDS).cast(pl.Int64)).to_numpy().copy(),
        **{column: months[column].cast(pl.Int64).to_numpy().astype(np.int64) for column in ACTIVITY},
    )


def known_test(test: str) -> str:
    """The code of a test by its code or name. Raises UnknownProviderError, naming the codes, for any other."""
    code = parse_test(test, numbered=False)
    if code is None:
        known = ", ".join(BY_CODE)
        raise UnknownProviderError(f'The test "{test}" is not known; expected one of {known}.')
    return code


def _unknown_provider(frame: pl.DataFrame, provider: str) -> str:
    asked = provider.strip()
    providers = frame.select("provider_code", "provider_name").unique("provider_code").sort("provider_code")
    names = dict(providers.iter_rows())
    by_name = [code for code, name in names.items() if len(asked) > 3 and asked.lower() in name.lower()]
    by_code = [code for code in names if _one_letter_apart(code, asked.upper())]
    lowered = {name.lower(): code for code, name in names.items()}
    alike = [lowered[name] for name in difflib.get_close_matches(asked.lower(), lowered, n=3, cutoff=0.6)]
    near = list(dict.fromkeys([*by_name, *alike, *by_code]))[:3]
    said = " or ".join(f"{code} ({names[code]})" for code in near)
    hint = f"did you mean {said}?" if near else f"expected the code of one of its {len(names)} providers, such as RAJ."
    return f'The provider "{asked}" is not in this data; {hint}'


def _one_letter_apart(code: str, asked: str) -> bool:
    same = sum(ours == theirs for ours, theirs in zip(code, asked, strict=False))
    return abs(len(code) - len(asked)) <= 1 and len(asked) > 1 and same >= max(len(code), len(asked)) - 1
