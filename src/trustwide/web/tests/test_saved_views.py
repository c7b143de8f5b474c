"""A view is kept under a name, for its owner alone."""

from __future__ import annotations

import pytest

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.nhsuk.tests.pages import Page
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.services.imaging.tests.stage import import_lists
from trustwide.web.actions import delete_view, save_view
from trustwide.web.models import SavedView
from trustwide.web.rules import can_change_view


@pytest.fixture
def chief(cast, client):
    import_lists(cast)
    client.force_login(cast.chief)
    return client


def test_save_open_and_delete(chief, cast):
    asked = "where=group&test=MRI&columns=list&nonsense=1&page=2"
    response = chief.post(f"/views/new/?{asked}", {"name": "Our MRI"}, follow=True)
    page = Page(response)
    assert 'The view is saved as "Our MRI".' in page.text
    view = SavedView.objects.get()
    assert (view.owner, view.query) == (cast.chief, "where=group&test=MRI&columns=list")
    assert ("Our MRI", f"/?{view.query}") in page.links
    assert Page(chief.get(f"/?{view.query}")).tables[0][0] == ["Site", "Test", "Waiting"]
    assert AuditEvent.objects.latest("sequence").action == "saved a view"

    assert "Delete the view Our MRI?" in Page(chief.get(f"/views/{view.pk}/delete/")).text
    assert SavedView.objects.exists(), "looking deletes nothing"
    chief.post(f"/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.details["query"]) == ("deleted a view", view.query)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Enter a name for the view."), ("Mine", 'You have a view called "Mine" already.')],
)
def test_a_name_is_needed_once(chief, cast, name, sentence):
    save_view("Mine", "where=all", by=cast.chief)
    assert sentence in Page(chief.post("/views/new/?where=all", {"name": name})).text
    assert SavedView.objects.count() == 1


def test_the_views_of_others_do_not_exist(chief, cast):
    view = save_view("Theirs", "where=all", by=cast.people["planner"])
    save_view("Theirs", "where=all", by=cast.chief)  # the name is free for everybody else
    assert chief.get(f"/views/{view.pk}/delete/").status_code == 404
    assert chief.post(f"/views/{view.pk}/delete/").status_code == 404
    assert not can_change_view(cast.chief, view)
    with pytest.raises(NotAllowedError, match="a view of somebody else"):
        delete_view(view, by=cast.chief)
    assert "Theirs" in Page(chief.get("/")).text
