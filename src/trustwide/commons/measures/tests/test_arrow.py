"""Rows come by ADBC as they come through Django, from SQLite and from PostgreSQL."""

from __future__ import annotations

import datetime as dt

import dj_database_url
import pyarrow as pa
import pytest
from django.db import connections, models, transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate
from django.test.utils import isolate_apps

from trustwide.commons.measures import arrow
from trustwide.commons.measures.arrow import arrow_of

SCHEMA = pa.schema(
    {
        "pk": pa.int64(), "late": pa.bool_(), "on": pa.date32(), "at": pa.timestamp("us", "UTC"),
        "minutes": pa.float64(), "note": pa.string(),
    }
)  # fmt: skip
DAY, NOON = dt.date(2026, 3, 29), dt.datetime(2026, 3, 29, 12, 0, 0, 250_000, dt.UTC)
NULLS_FIRST = 3000  # more than the driver reads before it guesses a type


@pytest.fixture(params=["sqlite", "memory", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request, tmp_path, django_db_blocker):
    """The name of a connection to an empty database outside the tests' own."""
    url = f"sqlite:///{tmp_path}/a b?%23.sqlite3"
    if request.param == "memory":
        url = "sqlite://:memory:"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    given = {"default": connections.settings["default"], "elsewhere": dj_database_url.parse(url)}
    connections.settings["elsewhere"] = connections.configure_settings(given)["elsewhere"]
    with django_db_blocker.unblock():
        yield "elsewhere"
        connections["elsewhere"].close()
    del connections["elsewhere"], connections.settings["elsewhere"]


@pytest.fixture
def visits(database):
    """A table with every kind of column and some rows."""
    with isolate_apps("trustwide.commons.measures"):

        class Visit(models.Model):
            late = models.BooleanField(null=True)
            on = models.DateField(null=True)
            at = models.DateTimeField(null=True)
            minutes = models.FloatField(null=True)
            note = models.TextField(null=True)

            class Meta:
                app_label = "measures"
                db_table = "arrow_visits"

    with connections[database].schema_editor() as editor:
        editor.create_model(Visit)
    manager = Visit.objects.using(database)
    manager.bulk_create(Visit() for _ in range(NULLS_FIRST))
    manager.bulk_create(
        Visit(late=n % 2 == 0, on=DAY + dt.timedelta(n), at=NOON + dt.timedelta(n), minutes=n / 4, note=f"'{n}%ü")
        for n in range(5)
    )
    manager.create(at=NOON.replace(microsecond=0), minutes=7)
    yield manager.order_by("pk")
    with connections[database].schema_editor() as editor:
        editor.delete_model(Visit)


def both_ways(rows, schema=SCHEMA):
    """The rows by ADBC, when they are the same through Django."""
    with transaction.atomic(using=rows.db):
        through_django = arrow_of(rows, schema)
    straight = arrow_of(rows, schema)
    assert straight.schema == through_django.schema == schema
    assert straight.equals(through_django)
    return straight


def test_every_kind_of_column_arrives_as_it_is(visits):
    rows = both_ways(visits.values_list(*SCHEMA.names))
    assert rows.num_rows == NULLS_FIRST + 6
    first, last = rows.slice(NULLS_FIRST).to_pylist()[0], rows.to_pylist()[-1]
    assert first | {"pk": 0} == {"pk": 0, "late": True, "on": DAY, "at": NOON, "minutes": 0.0, "note": "'0%ü"}
    assert (last["late"], last["at"], last["minutes"]) == (None, NOON.replace(microsecond=0), 7.0)


def test_django_is_asked_only_where_it_must_be(visits, monkeypatch):
    ask = visits.values_list("pk")
    schema = pa.schema({"pk": pa.int64()})
    in_memory = "memory" in str(connections[visits.db].settings_dict["NAME"])
    monkeypatch.setattr(arrow, "_by_django", lambda rows, schema: "through Django")
    assert (arrow_of(ask, schema) == "through Django") == in_memory
    with transaction.atomic(using=visits.db):
        assert arrow_of(ask, schema) == "through Django"


def test_conditions_hold_whatever_their_type(visits):
    late = visits.filter(late=True, on__gte=DAY, at__lt=NOON + dt.timedelta(3), note__in=["'0%ü", "'2%ü", "; --"])
    assert both_ways(late.values_list(*SCHEMA.names))["note"].to_pylist() == ["'0%ü", "'2%ü"]
    assert both_ways(visits.filter(note__contains="2%").values_list(*SCHEMA.names)).num_rows == 1
    assert both_ways(visits.filter(pk__in=[]).values_list(*SCHEMA.names)).num_rows == 0
    assert both_ways(visits.filter(minutes__lt=-1).values_list(*SCHEMA.names)).num_rows == 0


def test_groups_are_typed_as_asked(visits):
    schema = pa.schema({"late": pa.bool_(), "newest": pa.timestamp("us", "UTC"), "known": pa.int64()})
    grouped = visits.order_by().values("late").annotate(newest=Max("at"), known=Count("pk", filter=Q(on=DAY)))
    rows = both_ways(grouped.order_by("late").exclude(late=None).values_list(*schema.names), schema)
    newest = [NOON + dt.timedelta(3), NOON + dt.timedelta(4)]
    assert rows.to_pydict() == {"late": [False, True], "newest": newest, "known": [0, 1]}


def test_what_only_django_can_compute_comes_through_django(visits):
    schema = pa.schema({"day": pa.date32()})
    rows = both_ways(visits.filter(on=DAY).values_list(TruncDate("at")), schema)
    assert rows["day"].to_pylist() == [DAY]


def test_rows_not_yet_committed_are_seen(visits):
    ask = visits.filter(note="new").values_list("pk", "note")
    schema = pa.schema({"pk": pa.int64(), "note": pa.string()})
    with transaction.atomic(using=visits.db):
        visits.create(note="new")
        assert arrow_of(ask, schema).num_rows == 1
        transaction.set_rollback(True, using=visits.db)
    assert arrow_of(ask, schema).num_rows == 0


def test_a_value_that_does_not_fit_its_column_is_refused(visits):
    ask = visits.exclude(note=None).values_list("note")
    with pytest.raises(pa.ArrowInvalid):
        arrow_of(ask, pa.schema({"note": pa.int64()}))
