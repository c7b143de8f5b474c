"""Spark for the measures: the session that is there, or else a small one on this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_LOCAL = {
    "spark.master": "local[2]",
    "spark.app.name": "trustwide",
    "spark.driver.memory": "1g",
    # nobody but this process talks to it
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
}
_TYPES = {"int64": "BIGINT", "float64": "DOUBLE", "string": "STRING", "date": "DATE"}


class SparkError(RuntimeError):
    """A sentence: why there is no Spark, and the cure."""


def session(more: Mapping[str, str] | None = None) -> SparkSession:
    """The active session of whoever runs this on a cluster; without one a local one starts, with two threads.

    `more` are settings of Spark for the local one. Raises SparkError where PySpark or Java is not installed, or Java
    does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkError("Spark is not installed; install it with: pip install 'trustwide[spark]'") from None
    return SparkSession.getActiveSession() or _started({**_LOCAL, **(more or {})})


def _started(settings: Mapping[str, str]) -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SparkError(
            "Spark needs Java 17 or newer and there is none; on Debian: apt-get install openjdk-17-jre-headless"
        )
    conf = SparkConf().setAll(list(settings.items()))
    with tempfile.TemporaryFile() as told:  # what Java says while it starts is nothing for the reader of a table
        try:
            gateway = launch_gateway(conf, popen_kwargs={"stdout": told, "stderr": told})  # type: ignore[no-untyped-call]
        except PySparkRuntimeError:
            told.seek(0)
            said = told.read().decode(errors="replace").strip().splitlines() or ["nothing"]
            raise SparkError(f"Java does not start for Spark; the last it said is: {said[-1]}") from None
    return SparkSession(SparkContext(conf=conf, gateway=gateway))


def view(spark: Any, name: str, columns: Mapping[str, str], files: Sequence[Path]) -> None:
    """Let `name` stand for the rows of `files`, in Spark's catalogue."""
    schema = ", ".join(f"`{column}` {_TYPES[kind]}" for column, kind in columns.items())
    rows = spark.read.schema(schema).parquet(*map(str, files)) if files else spark.createDataFrame([], schema)
    rows.createOrReplaceTempView(name)
