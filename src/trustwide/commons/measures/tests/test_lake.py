"""The lake: partitions that differ are written, all others left; whatever happens, its files are whole."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustwide.commons.measures import definition as registry
from trustwide.commons.measures import lake
from trustwide.commons.measures.lake import LakeError, amiss, manifest, publish, published
from trustwide.commons.measures.tests import lake_worker
from trustwide.commons.measures.tests.lake_worker import POLARS, rows_of, table_of

WORKER = Path(lake_worker.__file__)


@pytest.fixture
def visits(monkeypatch):
    """Says what the rows of the only table, `visits`, are."""

    def are(rows):
        monkeypatch.setattr(registry, "_tables", {"visits": table_of(rows)})

    are(rows_of(1))
    return are


def files(folder):
    """Every file but the lock, with what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != lake.LOCK
    }


def touched(folder):
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def frame(rows):
    return pl.DataFrame(rows, schema=POLARS, orient="row").sort(pl.all())


def read(folder):
    return pl.read_parquet(folder / "visits/**/*.parquet", hive_partitioning=False).sort(pl.all())


def test_rows_come_back_as_they_were(visits, tmp_path):
    (done,) = publish(["visits"], tmp_path)
    assert (done.rows, len(done.written), done.removed, done.unchanged) == (48, 8, (), 0)
    assert read(tmp_path).equals(frame(rows_of(1)))
    assert published(tmp_path, "visits").rows == 48


def test_others_read_it_without_us(visits, tmp_path):
    publish(["visits"], tmp_path)
    everything = f"{tmp_path}/visits/*/*.parquet"
    by_polars = pl.scan_parquet(tmp_path / "visits", hive_partitioning=True).filter(month="2026-03").collect()
    by_duckdb = duckdb.sql(
        f"SELECT * FROM read_parquet('{everything}', hive_partitioning = true, hive_types = {{month: VARCHAR}}) "
        "WHERE month = '2026-03'"
    ).pl()
    expected = frame([row for row in rows_of(1) if row[2].month == 3])
    for found in (by_polars, by_duckdb):
        assert found.drop("month").sort(pl.all()).equals(expected)


def test_again_without_changes_touches_nothing(visits, tmp_path):
    publish(["visits"], tmp_path)
    before = touched(tmp_path)
    (done,) = publish(["visits"], tmp_path)
    assert (done.written, done.removed, done.unchanged) == ((), (), 8)
    assert touched(tmp_path) == before


def test_only_months_that_differ_are_written(visits, tmp_path):
    publish(["visits"], tmp_path)
    before = touched(tmp_path)
    visits(rows_of(2))
    (done,) = publish(["visits"], tmp_path)
    assert done.written == ("2026-05", "2026-06", "2026-09")
    assert (done.removed, done.unchanged) == (("2026-03",), 5)
    after = touched(tmp_path)
    left = {lake.file_of(tmp_path, "visits", f"2026-0{month}") for month in (1, 2, 4, 7, 8)}
    assert {path for path in before if after.get(path) == before[path]} - {tmp_path / lake.LOCK} == left
    assert read(tmp_path).equals(frame(rows_of(2)))
    assert not (tmp_path / "visits/month=2026-03").exists()


values = st.tuples(
    st.sampled_from([1, 2]), st.sampled_from(["CT", "ü", "", None]), st.sampled_from([row[2] for row in rows_of(1)]),
    st.integers(-3, 3) | st.none(), st.floats(-2, 2) | st.none(),
)  # fmt: skip


@given(rows=st.lists(values, max_size=30), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_rows_in_any_order_are_the_same_bytes(visits, tmp_path, rows, seed):
    shuffled = random.Random(seed).sample(rows, len(rows))
    for name, order in (("a", rows), ("b", shuffled)):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
        visits(order)
        publish(["visits"], tmp_path / name)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    if rows:
        assert read(tmp_path / "a").equals(frame(rows))


def worker(folder, version, *stop):
    arguments = [sys.executable, str(WORKER), str(folder), str(version), *map(str, stop)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stopped(folder, version, *stop):
    process = worker(folder, version, *stop)
    assert process.stdout.readline().strip() == "stopped", process.stderr.read()
    return process


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


# the second version writes three files, then moves them, removes a folder, writes the manifest and moves that
MOMENTS = [("write", 1), ("replace", 0), ("replace", 2), ("rmtree", 1), ("replace", 3)]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_leaves_whole_files_and_the_next_one_finishes(visits, tmp_path, moment):
    folder, clean = tmp_path / "lake", tmp_path / "clean"
    publish(["visits"], folder)
    kill(stopped(folder, 2, *moment))
    for path in (folder / "visits").rglob("*.parquet"):
        month = int(path.parent.name[-2:])
        held = pl.DataFrame(pq.ParquetFile(path).read()).sort(pl.all())
        assert any(held.equals(frame([row for row in rows_of(v) if row[2].month == month])) for v in (1, 2))
    assert manifest(folder)["visits"].rows == 48  # still what was whole last
    visits(rows_of(2))
    publish(["visits"], folder)
    publish(["visits"], clean)
    assert files(folder) == files(clean)


def test_a_first_run_that_was_killed_is_not_taken_for_a_lake(visits, tmp_path):
    kill(stopped(tmp_path, 1, "replace", 4))
    with pytest.raises(LakeError, match=r"visits is not published in .*; run trustwide lake publish visits\."):
        published(tmp_path, "visits")
    publish(["visits"], tmp_path)
    assert read(tmp_path).equals(frame(rows_of(1)))


def test_what_a_killed_run_half_did_is_told(visits, tmp_path):
    publish(["visits"], tmp_path)
    assert amiss(tmp_path, "visits", published(tmp_path, "visits")) == []
    kill(stopped(tmp_path, 2, "rmtree", 1))
    assert amiss(tmp_path, "visits", published(tmp_path, "visits")) == ["2026-05", "2026-06", "2026-09"]
    publish(["visits"], tmp_path)  # the rows are the first ones again, and so is the lake
    assert amiss(tmp_path, "visits", published(tmp_path, "visits")) == []
    assert read(tmp_path).equals(frame(rows_of(1)))


def test_the_second_of_two_at_once_is_refused_until_the_first_is_gone(visits, tmp_path):
    first = stopped(tmp_path, 2, "replace", 1)
    before = files(tmp_path)
    with pytest.raises(LakeError, match=r"Another publication to .* is running; wait until it is done"):
        publish(["visits"], tmp_path)
    assert files(tmp_path) == before
    kill(first)
    publish(["visits"], tmp_path)
    assert read(tmp_path).equals(frame(rows_of(1)))


def test_rows_without_a_period_are_refused_before_anything_is_written(visits, tmp_path):
    publish(["visits"], tmp_path)
    before = files(tmp_path)
    visits([*rows_of(2), (1, "CT", None, 1, 1.0)])
    with pytest.raises(LakeError, match="1 rows of visits have no period"):
        publish(["visits"], tmp_path)
    assert files(tmp_path) == before


def test_other_columns_than_this_version_has_are_refused(visits, tmp_path, monkeypatch):
    publish(["visits"], tmp_path)
    wider = {**lake_worker.COLUMNS, "more": "int64"}
    monkeypatch.setattr(registry, "_tables", {"visits": registry.LogicalTable("visits", wider, lambda sites: None)})
    with pytest.raises(LakeError, match=r"visits was published in .* with other columns"):
        published(tmp_path, "visits")


@pytest.mark.parametrize("text", ["", "[]", '{"tables": 3}', '{"tables": {"visits": {"columns": {}}}}', "\udce9"])
def test_a_manifest_that_is_none_is_told(tmp_path, text):
    (tmp_path / lake.MANIFEST).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(LakeError, match="is no manifest of this program"):
        manifest(tmp_path)


def test_the_manifest_counts_and_names_what_is_there(visits, tmp_path):
    publish(["visits"], tmp_path)
    told = json.loads((tmp_path / lake.MANIFEST).read_text())["tables"]["visits"]
    path = lake.file_of(tmp_path, "visits", "2026-02")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert told["months"]["2026-02"] == {"rows": pq.ParquetFile(path).metadata.num_rows, "digest": digest}
