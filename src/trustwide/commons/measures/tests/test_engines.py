"""Every measure has one value, whichever engine computes it: DuckDB over rows, DuckDB over the lake, Spark."""

from __future__ import annotations

import datetime as dt
import gc
import shutil
import warnings
from dataclasses import replace

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures.definition import LogicalTable, logical_table, measures
from trustwide.commons.measures.engines import ROWS_AT_ONCE, Limits, Span, observe_on
from trustwide.commons.measures.lake import LakeError, file_of, publish
from trustwide.commons.measures.passes import COLUMNS, passes
from trustwide.commons.measures.spark import SparkError, session

MONTHS = [dt.date(2025, month, 1) for month in (1, 2, 3, 5)]
KINDS = {
    "int64": st.sampled_from([None, *range(40)]),
    "float64": st.floats(0, 1e4) | st.sampled_from([None, 0.0, 1 / 3, 20.0]),
    "string": st.sampled_from(["done", "missed", "", None]),
}  # of columns that are no keys
KEYS = {
    "site_id": st.sampled_from([1, 2]),
    "breakdown": st.sampled_from(["CT", "MRI"]),
    "period": st.sampled_from(MONTHS),
}
ONE_ROW_A_PERIOD = {"dm01_returns"}  # what came before a row is only then one row
POLARS = {"int64": pl.Int64, "float64": pl.Float64, "string": pl.String, "date": pl.Date}


def tables_of(*definitions):
    return sorted({definition.table for definition in definitions})


@st.composite
def rows_of(draw, name):
    """Rows of a registered table."""
    row = st.tuples(
        *(KEYS[name] if name in KEYS else KINDS[kind] for name, kind in logical_table(name).columns.items())
    )
    by_key = (lambda row: row[:3]) if name in ONE_ROW_A_PERIOD else None
    return draw(st.lists(row, min_size=4, max_size=12, unique_by=by_key))


@pytest.fixture(scope="module")
def made_up():
    """Rows of every registered table as arrow tables: many generated cases, each with sites of its own."""
    frames = {name: [] for name in tables_of(*measures())}

    @given(st.fixed_dictionaries({name: rows_of(name) for name in frames}))
    @settings(deadline=None, max_examples=20, database=None, suppress_health_check=list(HealthCheck))
    def gather(case):
        for name, rows in case.items():
            schema = {column: POLARS[kind] for column, kind in logical_table(name).columns.items()}
            frame = pl.DataFrame(rows, schema=schema, orient="row")
            frames[name].append(frame.with_columns(pl.col("site_id") + 2 * len(frames[name])))

    gather()
    return {name: pl.concat(those).to_arrow() for name, those in frames.items()}


@pytest.fixture(scope="module")
def lake_of_made_up(made_up, tmp_path_factory):
    """These rows, published as if the operational database held them."""
    folder = tmp_path_factory.mktemp("lake")
    held = {name: replace(logical_table(name), rows=lambda sites, name=name: made_up[name]) for name in made_up}
    with pytest.MonkeyPatch.context() as now:
        now.setattr(registry, "_tables", held)
        publish(list(made_up), folder)
    return folder


def by_definition(definition, rows):
    """The readable way: one measure, its own expression, nothing shared."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register(definition.table, rows)
        found = connection.sql(definition.sql()).pl()
    value = pl.col("numerator") / pl.col("denominator") if definition.denominator else pl.col("numerator")
    named = found.with_columns(pl.lit(definition.code).alias("measure"), value.alias("value"))
    return named.filter(pl.col("value").is_finite()).select(COLUMNS)


def same(left, right):
    assert_frame_equal(left, right, rel_tol=1e-12, abs_tol=1e-12)


def test_measures_computed_together_are_those_computed_alone(made_up):
    together = observe_on("duckdb", measures(), made_up)
    assert set(together["measure"]) == {definition.code for definition in measures()}
    alone = pl.concat([by_definition(definition, made_up[definition.table]) for definition in measures()])
    same(together, alone.sort(*COLUMNS[:4]))


def test_the_lake_gives_the_bits_that_the_rows_give_in_any_order(made_up, lake_of_made_up):
    found = observe_on("lake", measures(), lake_of_made_up)
    frames = {name: pl.DataFrame(rows) for name, rows in made_up.items()}
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=3).to_arrow() for name, frame in frames.items()}
    for rows in (made_up, shuffled):
        assert found.equals(observe_on("duckdb", measures(), rows), null_equal=True)


@pytest.fixture(scope="module")
def started():
    """A session that starts quickly, because it compiles little."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed (apt-get install openjdk-17-jre-headless)")
    quick = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
    quick |= {"spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    quick |= {"spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    begun = session(quick | {"spark.sql.shuffle.partitions": "1"})
    yield begun
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        begun.stop()
        gc.collect()


@pytest.fixture
def spark(started):
    yield started
    gc.collect()  # now, while the test's own rule on warnings holds


# PySpark leaves its pipe to Java, and the sockets that rows came through, to the collector of garbage
leaves_sockets = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@leaves_sockets
def test_spark_gives_the_same_observations(spark, lake_of_made_up):
    same(observe_on("spark", measures(), lake_of_made_up), observe_on("lake", measures(), lake_of_made_up))


@leaves_sockets
def test_spark_reads_the_lake_without_us(spark, visits, tmp_path):
    publish(["visits"], tmp_path)
    rows = pl.DataFrame(spark.read.parquet(str(tmp_path / "visits")).toArrow())
    assert set(rows.columns) == {*VISITS, "month"}
    assert_frame_equal(rows.select(*VISITS), visits, check_row_order=False)


# A TABLE OF TEN MONTHS ------------------------------------------------------------------------------------------------

VISITS = {"site_id": "int64", "breakdown": "string", "period": "date", "days": "int64", "unused": "float64"}
MEDIAN = registry.MeasureDefinition(
    code="median_days", title="Median wait", unit="days", improvement_direction="decrease", target=None,
    numerator=lambda table: table.days.median(), denominator=None, owner="clinic", table="visits", quantity="count",
)  # fmt: skip
NINETY_FIFTH = replace(MEDIAN, code="p95_days", numerator=lambda table: table.days.quantile(0.95))
SINCE_BEFORE = replace(
    MEDIAN, code="change", numerator=lambda table: (table.days - table.before).sum(),
    rows=lambda table: table.mutate(before=table.days.lag().over(group_by=["site_id"], order_by=["period", "days"])),
)  # fmt: skip
OF_VISITS = (MEDIAN, NINETY_FIFTH, SINCE_BEFORE)


@pytest.fixture
def visits(monkeypatch):
    rows = pl.DataFrame(
        [(site, "CT", dt.date(2025, month, 1), month * day + site, 0.5)
         for site in (1, 2) for month in range(1, 11) for day in (1, 3, 4, 9)],
        schema={name: POLARS[kind] for name, kind in VISITS.items()}, orient="row",
    )  # fmt: skip
    monkeypatch.setattr(registry, "_tables", {"visits": LogicalTable("visits", VISITS, lambda sites: rows.to_arrow())})
    return rows


def test_percentiles_are_what_they_are(visits, tmp_path):
    publish(["visits"], tmp_path)
    found = observe_on("lake", OF_VISITS, tmp_path, Span(dt.date(2025, 3, 1), dt.date(2025, 3, 1)))
    of_first = found.filter(pl.col("site_id") == 1)  # 3, 9, 12 and 27 days, and one more
    told = dict(of_first.select("measure", "value").iter_rows())
    assert told == pytest.approx({"median_days": 11.5, "p95_days": 12 + 16 - 15 * 0.15, "change": 28 - 19})


@pytest.mark.parametrize("rows_at_once", [1, 20, ROWS_AT_ONCE])
def test_slices_of_months_and_limits_change_nothing(visits, tmp_path, monkeypatch, rows_at_once):
    publish(["visits"], tmp_path)
    whole = observe_on("duckdb", OF_VISITS, {"visits": visits.to_arrow()})
    monkeypatch.setattr("trustwide.commons.measures.engines.ROWS_AT_ONCE", rows_at_once)
    assert observe_on("lake", OF_VISITS, tmp_path, limits=Limits(2, "300MB")).equals(whole, null_equal=True)


@pytest.mark.parametrize(
    "span",
    [Span(dt.date(2025, 4, 1)), Span(None, dt.date(2025, 2, 28)), Span(dt.date(2025, 3, 2), dt.date(2025, 5, 1)),
     Span(dt.date(2026, 1, 1))],
)  # fmt: skip
def test_a_span_gives_the_periods_in_it_as_they_are_in_the_whole(visits, tmp_path, span):
    publish(["visits"], tmp_path)
    rows = {"visits": visits.to_arrow()}
    expected = span.of(observe_on("duckdb", OF_VISITS, rows))
    assert observe_on("duckdb", OF_VISITS, rows, span).equals(expected, null_equal=True)
    assert observe_on("lake", OF_VISITS, tmp_path, span).equals(expected, null_equal=True)


def test_only_the_columns_and_months_that_are_needed_are_read(visits, tmp_path):
    publish(["visits"], tmp_path)
    span = Span(dt.date(2025, 2, 1), dt.date(2025, 4, 1))
    expected = observe_on("lake", (MEDIAN,), tmp_path, span)
    for month in range(1, 11):
        path = file_of(tmp_path, "visits", f"2025-{month:02d}")
        if 2 <= month <= 4:
            spoil(path, "unused")
        else:
            path.write_bytes(b"nothing that could be read")
    assert observe_on("lake", (MEDIAN,), tmp_path, span).equals(expected, null_equal=True)


def spoil(path, name):
    """Overwrite one column of a file, so that reading it would fail."""
    group = pq.ParquetFile(path).metadata.row_group(0)
    (column,) = (c for c in map(group.column, range(group.num_columns)) if c.path_in_schema == name)
    start = column.dictionary_page_offset or column.data_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(data)


def test_definitions_that_see_the_same_rows_share_a_pass(visits):
    assert [[one.code for one in each.definitions] for each in passes(OF_VISITS)] == [
        ["median_days", "p95_days"], ["change"],
    ]  # fmt: skip
    adds_floats = replace(MEDIAN, numerator=lambda table: table.unused.sum())
    assert [each.order_matters for each in passes([MEDIAN])] == [False]
    assert [each.order_matters for each in passes([MEDIAN, adds_floats])] == [True]


def test_what_is_not_published_is_refused(visits, tmp_path):
    for engine in ("lake", "spark"):
        if engine == "lake" or shutil.which("java"):
            with pytest.raises(LakeError, match=r"visits is not published in .*; run trustwide lake publish visits\."):
                observe_on(engine, (MEDIAN,), tmp_path)


def test_without_java_spark_says_what_is_missing(tmp_path, monkeypatch):
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(
        SparkError, match="Spark needs Java 17 or newer and there is none; on Debian: apt-get install openjdk"
    ):
        session()
