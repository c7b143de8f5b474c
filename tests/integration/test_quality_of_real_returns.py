"""The public DM01 returns of two and a half years: the faults that are known to be in them are found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from trustwide.commons.measures.definition import logical_table, measures_over
from trustwide.commons.measures.figures import observe
from trustwide.commons.measures.quality.reading import read
from trustwide.exchange.returns import read as read_returns

REAL = Path(__file__).parents[3] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
TABLE = "dm01_returns"
# looked up in the file by eye: measure, provider, test -> kind, first day of the month and a part of what is said
KNOWN = {
    ("dm01_waiting_list", "RHQ", "ECHO"): ("zero", "2024-01-01", "zero, where about 1,186 are usual"),
    ("dm01_waiting_list", "R1H", "FLEXI_SIG"): ("zero", "2024-04-01", "zero, where about 198.5 are usual"),
    ("dm01_six_week_share", "RX1", "ECHO"): ("copied", "2023-12-01", "(348 of 1,933)"),
    ("dm01_six_week_share", "RQW", "AUDIOLOGY"): ("copied", "2023-11-01", "(962 of 1,169)"),
    ("dm01_waiting_list", "RHQ", "GASTROSCOPY"): ("jump", "2025-07-01", "60, between 767 and 1,351"),
    ("dm01_waiting_list", "RA2", "AUDIOLOGY"): ("jump", "2025-02-01", "4, between 209 and 3,252"),
}


@pytest.fixture(scope="module")
def found():
    """What is odd in each series by (measure, provider, test), from the file without a database."""
    if not REAL.exists():
        pytest.skip(f"the real returns are not here: {REAL.name}")
    returns = read_returns(REAL).frame
    codes = sorted(returns["provider_code"].unique())
    numbers = pl.DataFrame({"provider_code": codes}).with_row_index("site_id").cast({"site_id": pl.Int64})
    named = returns.join(numbers, on="provider_code").rename({"test": "breakdown", "month": "period"})
    rows = named.with_columns(pl.lit(21.0).alias("working_days")).select(*logical_table(TABLE).columns)
    observed = observe(measures_over(TABLE), {TABLE: rows.to_arrow()})
    return {(code, codes[site], test): odd for (code, site, test), (_, odd) in read(observed).items()}


def test_known_faults_are_found(found):
    for key, (kind, period, said) in KNOWN.items():
        matching = [note for note in found[key] if (note.kind, note.period.isoformat()) == (kind, period)]
        assert len(matching) == 1, key
        assert said in matching[0].sentence


def test_jumps_of_lists_are_those_that_the_file_has(found):
    """The same by another way: each month of the file against its neighbours in plain polars."""
    of = ["provider_code", "test"]
    numbered = pl.col("month").dt.year() * 12 + pl.col("month").dt.month()
    around = read_returns(REAL).frame.sort(*of, "month").with_columns(
        *(pl.col("waiting_list").shift(step).over(of).alias(name) for step, name in ((1, "before"), (-1, "after"))),
        (numbered - numbered.shift(1)).over(of).alias("since"), (numbered.shift(-1) - numbered).over(of).alias("until"),
    )  # fmt: skip
    low, high = pl.min_horizontal("before", "after"), pl.max_horizontal("before", "after")
    up = (low > 0) & (pl.col("waiting_list") >= 10 * high) & (pl.col("waiting_list") >= 100)
    down = (pl.col("waiting_list") > 0) & (low >= 10 * pl.col("waiting_list")) & (low >= 100)
    odd = around.filter((up | down) & (pl.col("since") == 1) & (pl.col("until") == 1))
    lists = {key: notes for key, notes in found.items() if key[0] == "dm01_waiting_list"}
    jumps = {(*key[1:], note.period) for key, notes in lists.items() for note in notes if note.kind == "jump"}
    assert jumps == set(odd.select(*of, "month").iter_rows())
    assert len(jumps) >= 10


def test_few_lists_are_doubted_and_nothing_in_checked_returns_is_impossible(found):
    """Rows are checked as they are read, so what cannot be never comes in; of the rest, most is sound."""
    kinds = Counter(note.kind for notes in found.values() for note in notes)
    assert set(kinds) == {"zero", "copied", "jump", "gap"}
    doubted = sum(bool(notes) for notes in found.values())
    assert 0.01 < doubted / len(found) < 0.1
