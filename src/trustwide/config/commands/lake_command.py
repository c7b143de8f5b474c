"""`trustwide lake`: publish the rows of measures as Parquet files, and compute measures from them on any engine."""

from __future__ import annotations

import argparse
import datetime
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trustwide.config.commands import CommandError, check_writable, require_database, start_django

if TYPE_CHECKING:
    import polars as pl

ENGINES = ("duckdb", "lake", "spark")
ENDINGS = (".parquet", ".csv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    publish = actions.add_parser("publish", help="write the months that differ from the database")
    publish.add_argument("tables", metavar="TABLE", nargs="*", help="a logical table; without one, all")
    measures = actions.add_parser("measures", help="compute every measure and write its observations")
    measures.add_argument("--engine", choices=ENGINES, default="duckdb", help="duckdb reads the database (the default)")
    measures.add_argument("--out", metavar="FILE.parquet|FILE.csv", type=Path, required=True, help="write them here")
    measures.add_argument("--first", metavar="YYYY-MM", help="the first month; without it, the first there is")
    measures.add_argument("--last", metavar="YYYY-MM", help="the last month; without it, the last there is")
    actions.add_parser("status", help="what is published, and whether the files are as they were written")


def run(options: argparse.Namespace) -> int:
    start_django()
    from trustwide.commons.measures.lake import LakeError
    from trustwide.commons.measures.spark import SparkError

    try:
        if options.action == "status":
            return _status()
        require_database()
        return _publish(options.tables) if options.action == "publish" else _measures(options)
    except (LakeError, SparkError) as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        place = error.filename or options.action
        raise CommandError(
            f"{place}: {error.strerror or error}; see that the folder may be changed and the disk has room, then run "
            "this again."
        ) from None


def _publish(wanted: Sequence[str]) -> int:
    from django.conf import settings

    from trustwide.commons.measures.lake import publish

    known = _tables()
    for name in wanted:
        if name not in known:
            raise CommandError(f'there is no table "{name}"; expected one of {", ".join(known)}.')
    for done in publish(list(dict.fromkeys(wanted)) or known, settings.LAKE):
        print(
            f"{done.table}: {done.rows:,} rows; months: {len(done.written)} written, {len(done.removed)} removed, "
            f"{done.unchanged} unchanged."
        )
    return 0


def _tables() -> list[str]:
    from trustwide.commons.measures.definition import measures

    return sorted({definition.table for definition in measures()})


def _measures(options: argparse.Namespace) -> int:
    from django.conf import settings

    from trustwide.commons.measures.definition import logical_table, measures
    from trustwide.commons.measures.engines import Span, observe_on

    if options.out.suffix.lower() not in ENDINGS:
        raise CommandError(f"--out is {str(options.out)!r}; expected a file name that ends in .parquet or .csv.")
    check_writable("--out", options.out)
    span = Span(_month("--first", options.first), _last_day(_month("--last", options.last)))
    in_database = options.engine == "duckdb"
    source = {name: logical_table(name).rows(None) for name in _tables()} if in_database else settings.LAKE
    observed = _with_sites(observe_on(options.engine, measures(), source, span))
    _write(options.out, observed)
    print(f"{observed.height:,} observations of {observed['measure'].n_unique()} measures in {options.out}.")
    return 0


def _month(option: str, text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(f"{text}-01")
    except ValueError:
        raise CommandError(f"{option} is {text!r}; expected a month such as 2026-03.") from None


def _last_day(month: datetime.date | None) -> datetime.date | None:
    if month is None:
        return None
    return (month + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def _with_sites(observed: pl.DataFrame) -> pl.DataFrame:
    """Observations with the code of each site: its number means nothing outside this database."""
    import polars as pl

    from trustwide.commons.organisations.models import Site

    schema = {"site_id": pl.Int64, "site": pl.String}
    sites = pl.DataFrame(list(Site.objects.values_list("pk", "code")), schema=schema, orient="row")
    named = observed.join(sites, on="site_id", how="left", maintain_order="left")
    return named.select("measure", "site", *(name for name in observed.columns if name != "measure"))


def _write(path: Path, observed: pl.DataFrame) -> None:
    """Written beside and then renamed, so that the file is whole or not there."""
    from trustwide.commons.measures.lake import parquet

    csv = path.suffix.lower() == ".csv"
    data = observed.write_csv().encode() if csv else parquet(observed)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise


def _status() -> int:
    from django.conf import settings

    from trustwide.commons.measures.lake import amiss, manifest

    tables = manifest(settings.LAKE)
    if not tables:
        print(f"Nothing is published in {settings.LAKE}; run trustwide lake publish.")
    cut_off = False
    for name, table in sorted(tables.items()):
        months = list(table.months)
        span = f", months from {months[0]} to {months[-1]}" if months else ""
        print(f"{name}: {table.rows:,} rows{span}.")
        if differ := amiss(settings.LAKE, name, table):
            cut_off = True
            print(f"  not as the manifest says: {', '.join(differ)}; run trustwide lake publish {name}.")
    return 1 if cut_off else 0
