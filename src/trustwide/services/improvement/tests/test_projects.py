"""From a signal to a project in one step, and what came of it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.measures.models import Observation, Signal, StrategicAim
from trustwide.commons.measures.tests.conftest import STEP, share  # noqa: F401 - a fixture
from trustwide.commons.nhsuk.formats import day
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.services.improvement.actions import close_project, open_project
from trustwide.services.improvement.exceptions import ProjectError
from trustwide.services.improvement.models import Project

ABOUT = {"title": "Begin on time", "goal": "From 30% to 20% by March 2027"}


@pytest.fixture
def signal(share):  # noqa: F811
    """The signal that the step of the share left at North."""
    return Signal.objects.get(site=share.north, measure="share_late")


@pytest.fixture
def lead(share):  # noqa: F811
    return share.people["radiology_manager"]


def aims(*codes):
    return list(StrategicAim.objects.filter(code__in=codes or ["quality"]))


def test_a_project_begins_with_what_the_signal_knows(signal, lead):
    project = open_project(signal, **ABOUT, aims=aims("quality", "access"), lead=lead, by=lead)
    assert (project.measure, project.site, project.breakdown) == (signal.measure, signal.site, signal.breakdown)
    assert project.problem == signal.sentence
    before = Observation.objects.filter(site=signal.site, period__lt=STEP).values_list("value", flat=True)
    assert project.baseline == pytest.approx(sum(before) / len(before))
    assert (project.baseline_from, project.baseline_to) == (dt.date(2024, 1, 1), dt.date(2024, 12, 1))
    assert {aim.code for aim in project.aims.all()} == {"quality", "access"}
    event = AuditEvent.objects.last()
    assert (event.action, event.site_code) == ("opened an improvement project", "N1")


def test_a_signal_has_one_open_project(signal, lead):
    first = open_project(signal, **ABOUT, aims=aims(), lead=lead, by=lead)
    with pytest.raises(ProjectError, match='"Begin on time" works on this signal already'):
        open_project(signal, **ABOUT, aims=aims(), lead=lead, by=lead)
    close_project(first, outcome="Nothing came of it.", by=lead)
    assert open_project(signal, **ABOUT, aims=aims(), lead=lead, by=lead).pk != first.pk


@pytest.mark.parametrize("closing", ["", "ended", "rebased", "emptied"])
def test_no_project_begins_from_a_signal_that_is_closed(signal, lead, closing):
    signal.closed, signal.closing = STEP, closing
    signal.save()
    with pytest.raises(ProjectError, match=r"^This signal is closed; a project begins from one that still runs\.$"):
        open_project(signal, **ABOUT, aims=aims(), lead=lead, by=lead)


def test_every_project_serves_an_aim_and_has_a_lead_of_the_site(signal, lead, share):  # noqa: F811
    with pytest.raises(ProjectError, match="at least one strategic aim"):
        open_project(signal, **ABOUT, aims=[], lead=lead, by=lead)
    with pytest.raises(ProjectError, match="may not act on signals at"):
        open_project(signal, **ABOUT, aims=aims(), lead=share.people["ward_nurse"], by=lead)
    with pytest.raises(ValidationError):
        open_project(signal, title="", goal="x", aims=aims(), lead=lead, by=lead)
    with pytest.raises(NotAllowedError):
        open_project(signal, **ABOUT, aims=aims(), lead=lead, by=share.people["ward_nurse"])
    assert not Project.objects.exists()


def test_a_project_is_closed_once_with_what_came_of_it(signal, lead):
    project = open_project(signal, **ABOUT, aims=aims(), lead=lead, by=lead)
    close_project(project, outcome="Down to 21%.", by=lead)
    project.refresh_from_db()
    assert project.closed_at <= timezone.now()
    with pytest.raises(ProjectError, match="closed already"):
        close_project(project, outcome="Again", by=lead)


def test_from_the_signal_to_the_project_on_the_pages(signal, lead, client):
    client.force_login(lead)
    address = f"/improvement/open/{signal.pk}/"
    assert signal.sentence in Page(client.get(address)).text
    refused = Page(client.post(address, {"title": "Begin on time", "goal": "", "aims": []}))
    assert "Enter what is to be reached, and by when." in refused.text
    assert "Choose at least one strategic aim." in refused.text
    response = client.post(address, {**ABOUT, "aims": ["quality"], "lead": lead.pk})
    project = Project.objects.get()
    assert response["Location"] == f"/improvement/{project.pk}/"
    page = Page(client.get(response["Location"]))
    assert "20.2%, the mean from January 2024 to December 2024" in page.text
    assert "Begin on time" in Page(client.get("/improvement/")).text
    assert client.get(address)["Location"] == f"/signals/{signal.pk}/"
    there = f"/improvement/{project.pk}/"
    begun = f"Project, open since {day(project.opened_at)}: Begin on time"
    assert (begun, there) in Page(client.get(f"/signals/{signal.pk}/")).links
    client.post(f"/improvement/{project.pk}/close/", {"outcome": "Held for six months."})
    assert "Held for six months." in Page(client.get(response["Location"])).text
    assert "Begin on time" in Page(client.get("/improvement/?state=closed")).text
    project.refresh_from_db()
    over = f"Project, closed on {day(project.closed_at)}: Begin on time"
    assert (over, there) in Page(client.get(f"/signals/{signal.pk}/")).links


def test_other_sites_see_nothing_of_it(share, lead, client):  # noqa: F811
    elsewhere = Signal.objects.get(site=share.south, measure="share_late")
    project = open_project(elsewhere, **ABOUT, aims=aims(), lead=share.chief, by=share.chief)
    client.force_login(lead)
    assert client.get(f"/improvement/{project.pk}/").status_code == 404
    assert client.get(f"/improvement/open/{elsewhere.pk}/").status_code == 404
    assert "Begin on time" not in Page(client.get("/improvement/")).text
