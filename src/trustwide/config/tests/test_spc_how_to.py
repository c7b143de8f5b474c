"""The worked example of docs/how-to/control-charts.md is what `trustwide spc` does, and what the formulas say."""

import csv
import io
import math
import re
from pathlib import Path

import pytest

from trustwide.config.cli import main

PAGE = Path(__file__).parents[4] / "docs/how-to/control-charts.md"


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def written(tmp_path, capsys):
    """The rows of POINTS.csv and SERIES.csv that the example leads to."""
    (tmp_path / "in.csv").write_text(blocks("csv")[0])
    (tmp_path / "set.json").write_text(blocks("json")[1])
    arguments = [str(tmp_path / "in.csv"), "--settings", str(tmp_path / "set.json")]
    points, series = tmp_path / "points.csv", tmp_path / "series.csv"
    assert main(["spc", *arguments, "--points", str(points), "--series", str(series)]) == 0
    assert capsys.readouterr().err == ""
    return rows(points.read_text()), rows(series.read_text())


def number(text):
    try:
        return pytest.approx(float(text), rel=1e-9)
    except ValueError:
        return text


def test_the_page_shows_what_is_written(written):
    points, series = written
    shown = rows(blocks("csv")[1])
    places = [(row["series_id"], row["idx"]) for row in shown]
    found = [row for row in points if (row["series_id"], row["idx"]) in places]
    assert len(found) == len(shown) == 3
    for told, row in zip(shown, found, strict=True):
        assert {name: number(text) for name, text in told.items()} == {
            name: float(row[name]) if name != "series_id" else row[name] for name in told
        }
    assert rows(blocks("csv")[2]) == series


def test_lines_are_those_of_the_textbook(written):
    """C chart: mean of the part without the excluded month, plus and minus three roots of it. P chart: three standard
    errors of a share of 100, from the six frozen weeks (Montgomery, Statistical Quality Control, sections 7.2 and 7.3).
    """
    given = rows(blocks("csv")[0])
    falls = [int(row["numerator"]) for row in given if row["series_id"] == "falls"]
    missed = [int(row["numerator"]) for row in given if row["series_id"] == "missed"]
    by_place = {(row["series_id"], int(row["idx"])): row for row in written[0]}
    after = [count for place, count in enumerate(falls[6:], start=7) if place != 10]
    for place, counted in ((1, falls[:6]), (10, after), (12, after)):
        mean = sum(counted) / len(counted)
        row = by_place["falls", place]
        assert float(row["cl"]) == pytest.approx(mean)
        assert float(row["lcl"]) == pytest.approx(max(0, mean - 3 * math.sqrt(mean)))
        assert float(row["ucl"]) == pytest.approx(mean + 3 * math.sqrt(mean))
    share = sum(missed[:6]) / 600
    assert float(by_place["missed", 8]["ucl"]) == pytest.approx(share + 3 * math.sqrt(share * (1 - share) / 100))


def test_every_chart_and_setting_is_on_the_page():
    from trustwide.analysis.spc.shewhart import CHARTS
    from trustwide.config.commands.spc_shewhart import SETTINGS

    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in (*CHARTS, *SETTINGS) if f"`{name}`" not in text] == []
