"""`trustwide forecast` on the command line, on an invented return and on the real one where it is at hand."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from trustwide.config.cli import main

REAL = Path(__file__).parents[5] / "shared/data/dm01_provider/dm01_provider_dev_2023-04_2025-09.csv"
BANDS = [f"{weeks:02d} <{weeks + 1:02d} weeks" for weeks in range(13)] + ["13+ weeks"]
HEADS = [
    "Reporting Period", "Provider Code", "Diagnostic ID", "Total Waiting List", *BANDS,
    "Planned tests / procedures", "Unscheduled tests / procedures",
    "Waiting list tests / procedures (excluding planned)",
]  # fmt: skip
MRI, CT = "1", "2"


def month_ends(count: int) -> list[str]:
    months = np.datetime64("2023-05", "M") + np.arange(count)
    return [str(month.astype("datetime64[D]") - 1) for month in months]


def wandering(months: int, providers: int = 12) -> dict[tuple[str, str], list[int | None]]:
    """Lists of invented providers, two tests each."""
    rng = np.random.default_rng(4)
    return {
        (f"X{number:02d}", test): np.round(np.exp(6.5 + np.cumsum(rng.normal(0, 0.1, months)))).astype(int).tolist()
        for number in range(providers)
        for test in (MRI, CT)
    }


def write(path: Path, lists: dict[tuple[str, str], list[int | None]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADS)
        for (provider, test), values in lists.items():
            for day, value in zip(month_ends(len(values)), values, strict=True):
                if value is not None:
                    writer.writerow([day, provider, test, value, value, *[0] * 13, 0, 0, 100])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def lists():
    return wandering(30)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.csv"


def forecast(path: Path, out: Path, *more: str) -> int:
    return main(["forecast", "--dm01", str(path), "--out", str(out), *more])


def test_every_provider_and_test_gets_its_months(tmp_path, lists, out, capsys):
    assert forecast(write(tmp_path / "dm01.csv", lists), out, "--months", "4", "--json") == 0
    rows, answer = read(out), json.loads(capsys.readouterr().out)
    assert list(rows[0]) == ["provider", "test", "month", "median", "low", "high"]
    assert [row["month"] for row in rows[:4]] == ["2025-10", "2025-11", "2025-12", "2026-01"]
    assert {(row["provider"], row["test"]) for row in rows} == {
        (provider, {MRI: "MRI", CT: "CT"}[test]) for provider, test in lists
    }
    assert len(rows) == 24 * 4
    for row in rows:
        last = lists[row["provider"], {"MRI": MRI, "CT": CT}[row["test"]]][-1]
        assert float(row["low"]) < float(row["median"]) < float(row["high"])
        assert 0.6 < float(row["median"]) / last < 1.6
    assert (answer["last_month"], answer["lists"], answer["forecast"], answer["rows"]) == ("2025-09", 24, 24, 96)


def test_one_test_alone_has_the_same_figures(tmp_path, lists, out):
    path = write(tmp_path / "dm01.csv", lists)
    assert forecast(path, out) == 0
    both = read(out)
    assert forecast(path, out, "--test", "mri") == 0
    assert read(out) == [row for row in both if row["test"] == "MRI"]


def test_a_list_too_short_or_ended_has_empty_figures_and_is_counted(tmp_path, lists, out, capsys):
    lists["X00", MRI] = [None] * 28 + [700, 710]
    lists["X01", MRI][-8:] = [None] * 8
    assert forecast(write(tmp_path / "dm01.csv", lists), out) == 0
    said = capsys.readouterr()
    empty = {(row["provider"], row["test"]) for row in read(out) if row["median"] == row["low"] == row["high"] == ""}
    assert empty == {("X00", "MRI"), ("X01", "MRI")}
    assert "2 lists have no forecast" in said.err
    assert "22 of 24 lists are forecast from 2025-09 on; 144 rows are in" in said.out


def test_faulty_rows_are_counted_and_the_rest_is_forecast(tmp_path, lists, out, capsys):
    path = write(tmp_path / "dm01.csv", lists)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].replace(",100", ",many")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert forecast(path, out) == 0
    assert "1 faulty rows are left out; `trustwide import dm01" in capsys.readouterr().err
    assert len(read(out)) == 24 * 6


def refused(capsys, *arguments) -> str:
    assert main(["forecast", *map(str, arguments)]) == 1
    return capsys.readouterr().err


def test_what_cannot_be_done_is_a_sentence(tmp_path, lists, out, capsys):
    path = write(tmp_path / "dm01.csv", lists)
    assert "give --out CSV for forecasts" in refused(capsys, "--dm01", path)
    assert "--months 0: expected 1 to 36" in refused(capsys, "--dm01", path, "--out", out, "--months", 0)
    assert "name another to write to" in refused(capsys, "--dm01", path, "--out", path)
    assert "no folder" in refused(capsys, "--dm01", path, "--out", tmp_path / "none/out.csv")
    assert 'The test "XRAY" is not known' in refused(capsys, "--dm01", path, "--out", out, "--test", "XRAY")
    assert "no provider returned it" in refused(capsys, "--dm01", path, "--out", out, "--test", "DEXA")
    assert "none.csv" in refused(capsys, "--dm01", tmp_path / "none.csv", "--out", out)
    short = write(tmp_path / "short.csv", wandering(12))
    assert "holds 12 months; --table needs 18" in refused(capsys, "--dm01", short, "--table", tmp_path / "page.md")
    assert not out.exists()
    assert not (tmp_path / "page.md").exists()


def test_the_table_stands_beside_naive_methods(tmp_path, lists, capsys):
    path, page = write(tmp_path / "dm01.csv", lists), tmp_path / "page.md"
    assert main(["forecast", "--dm01", str(path), "--table", str(page), "--json"]) == 0
    text, found = page.read_text(encoding="utf-8"), json.loads(capsys.readouterr().out)["table"]
    assert "from each of 13 months, 2024-03 to 2025-03" in text
    assert "`trustwide forecast --dm01 dm01.csv --table docs/reference/forecast.md`" in text
    whole = found["scores"]["By class of list"]["all lists"]
    assert (whole["series"], whole["cases"]) == (24, 24 * 13 * 6)
    shown = next(line for line in text.splitlines() if line.startswith("| all lists |"))
    assert f"| {100 * whole['errors']['last value']:.1f} % |" in shown
    assert f"| {100 * whole['coverage']:.1f} % |" in shown


@pytest.mark.skipif(not REAL.exists(), reason="the public DM01 file is not beside this checkout (../shared/data)")
def test_all_of_england(out, capsys):
    assert forecast(REAL, out, "--json") == 0
    rows, answer = read(out), json.loads(capsys.readouterr().out)
    assert len(rows) == answer["rows"] == 6 * answer["lists"]
    assert answer["forecast"] > 0.9 * answer["lists"]
    essex = next(row for row in rows if (row["provider"], row["test"]) == ("RAJ", "MRI"))
    assert essex["month"] == "2025-10"
    assert float(essex["low"]) < 7535 < float(essex["high"])  # the list in September 2025
