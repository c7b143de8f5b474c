"""Data frames from a server that runs, with a real token."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from trustwide.commons.accounts.actions import make_token
from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.commons.measures.models import Observation, Signal
from trustwide.exchange.api import client as module
from trustwide.exchange.api.client import ApiError, Client
from trustwide.exchange.api.tests.conftest import LIST
from trustwide.services.imaging.tests.returns import month
from trustwide.services.imaging.tests.stage import MONTHS, import_lists, north_list


@pytest.mark.django_db(transaction=True)
def test_a_notebook_reads_everything_and_is_told_what_is_wrong(live_server, monkeypatch):
    cast = build_cast()
    import_lists(cast)
    nurse = cast.people["ward_nurse"]
    _, key = make_token("notebook", days=30, by=nurse)
    client = Client(f"{live_server.url}/", key)
    assert key not in repr(client)
    monkeypatch.setattr(module, "ROWS_A_PAGE", 10)

    series = client.observations(measure=LIST, site="N1", breakdown="MRI")
    assert series["value"].tolist() == [north_list(when) for when in range(MONTHS)]
    assert series["period"].tolist() == [pd.Timestamp(month(when)) for when in range(MONTHS)]
    assert series["period"].dtype.kind == "M" and series["value"].dtype == np.float64
    some = client.observations(measure=LIST, site="N1", start=month(3), end="2024-06-01")
    assert len(some) == 2 * 3 and some["period"].min() == pd.Timestamp(month(3))
    everything = client.observations()
    assert len(everything) == Observation.objects.for_user(nurse).count()
    assert set(everything["site"]) == {"N1", "E9"} == set(client.sites()["code"])
    none = client.observations(start="2099-01-01")
    assert len(none) == 0 and list(none.columns) == list(series.columns)

    assert LIST in set(client.definitions()["code"])
    assert client.definition(LIST)["versions"][0]["number"] == 1
    assert set(client.charts(measure=LIST)["breakdown"]) == {"MRI", "CT"}
    points = client.chart(LIST, "N1", "MRI")
    assert points["value"].tolist() == series["value"].tolist() and points["date"].dtype.kind == "M"
    assert points.attrs["sentence"] and points.attrs["breakdown"] == "MRI"
    signals = client.signals(state="any", site="N1")
    assert len(signals) == Signal.objects.filter(site=cast.north).count() > 0
    assert client.signal(int(signals["id"].iloc[0]))["sentence"] == signals["sentence"].iloc[0]

    for what, status, sentence in (
        (lambda: client.observations(site="S1"), 404, 'There is no site "S1" that you may see.'),
        (lambda: client.chart(LIST, "N1"), 404, 'There is no "'),
        (lambda: client.observations(start="March"), 422, '"from" is "March"'),
        (lambda: Client(live_server.url, "tw_wrong").sites(), 401, "Send the key of an access token"),
        (lambda: Client(f"{live_server.url}/elsewhere", key).sites(), 404, "check that the address is that of"),
    ):
        with pytest.raises(ApiError) as refusal:
            what()
        assert refusal.value.status == status
        assert str(refusal.value).startswith(sentence) or sentence in str(refusal.value)


def test_a_key_goes_to_no_address_that_others_can_read():
    with pytest.raises(ApiError, match="expected one with https"):
        Client("http://trustwide.example", "key")
    with pytest.raises(ApiError, match="gives no answer"):
        Client("http://127.0.0.1:9", "key", timeout=2).sites()


def test_it_needs_no_django():
    code = "import sys, trustwide.exchange.api.client; sys.exit('django' in sys.modules or 'ninja' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
