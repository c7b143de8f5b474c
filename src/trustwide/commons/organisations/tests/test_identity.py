"""A site keeps its own identity, and only those who look after it change it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from trustwide.commons.audit.models import AuditEvent
from trustwide.commons.organisations.actions import rename_place, update_site_identity
from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.commons.organisations.forms import LARGEST_LOGO, SiteIdentityForm, read_logo
from trustwide.commons.organisations.models import Site

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path id="p" d="M0 0h9v9z"/><use href="#p"/></svg>'


def upload(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("logo.svg", text.encode())


def identity(site: Site, **changes):
    wanted = {"name": site.name, "short_name": site.short_name, "colour": site.colour, "logo": site.logo}
    return wanted | changes


def test_an_administrator_of_the_site_changes_it(cast):
    administrator = cast.people["administrator"]
    update_site_identity(cast.north, **identity(cast.north, colour="#123456"), by=administrator, reason="new brand")
    assert Site.objects.get(code="N1").colour == "#123456"
    event = AuditEvent.objects.order_by("-sequence").first()
    assert (event.actor_name, event.site_code, event.reason) == (administrator.name, "N1", "new brand")
    assert event.details == {"colour": {"before": "#7c2855", "after": "#123456"}}


@pytest.mark.parametrize("role", ["planner", "board_member", "ward_nurse"])
def test_others_may_not(cast, role):
    with pytest.raises(NotAllowedError, match="Only an administrator of North Hospital"):
        update_site_identity(cast.north, **identity(cast.north, name="Mine"), by=cast.people[role], reason="")
    with pytest.raises(NotAllowedError):
        rename_place(cast.room, "Mine", by=cast.people[role], reason="")


def test_an_administrator_of_another_site_may_not(cast):
    with pytest.raises(NotAllowedError):
        update_site_identity(cast.south, **identity(cast.south), by=cast.people["administrator"], reason="")


def test_a_wrong_colour_is_refused_and_nothing_is_written(cast):
    before = AuditEvent.objects.count()
    with pytest.raises(ValidationError, match="six hexadecimal digits"):
        update_site_identity(cast.north, **identity(cast.north, colour="red"), by=cast.chief, reason="")
    assert Site.objects.get(code="N1").colour == "#7c2855"
    assert AuditEvent.objects.count() == before


def test_a_room_goes_by_its_local_name(cast):
    assert str(cast.room) == "Blue room"
    rename_place(cast.room, "", by=cast.chief, reason="signs were changed")
    assert str(cast.room) == "MRI scanner 1"


def test_people_see_their_own_sites_and_public_ones(cast):
    def seen(user):
        return sorted(site.code for site in Site.objects.for_user(user))

    assert seen(cast.people["ward_nurse"]) == ["E9", "N1"]
    assert seen(cast.chief) == ["E9", "N1", "S1"]
    assert seen(cast.stranger) == ["E9"]
    assert sorted(site.code for site in Site.objects.of_the_group()) == ["N1", "S1"]


def test_a_plain_drawing_is_taken(cast):
    assert read_logo(upload(LOGO)) == LOGO
    form = SiteIdentityForm(identity(cast.north) | {"reason": "new"}, {"logo_file": upload(LOGO)}, instance=cast.north)
    assert form.is_valid(), form.errors
    assert form.logo() == LOGO


@pytest.mark.parametrize(
    "drawing",
    [
        LOGO.replace("<path", "<script>alert(1)</script><path"),
        LOGO.replace("<path", '<path onload="alert(1)"'),
        LOGO.replace('href="#p"', 'href="https://elsewhere.test/x.svg"'),
        LOGO.replace("<path", "<foreignObject/><path"),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + LOGO,
        "<html></html>",
        "not xml",
        LOGO.replace("M0", "M0 " * LARGEST_LOGO),
    ],
)
def test_a_drawing_that_could_run_or_fetch_is_refused(drawing):
    with pytest.raises(ValidationError, match="again"):
        read_logo(upload(drawing))


def test_the_logo_is_served_so_that_nothing_in_it_runs(cast, client):
    Site.objects.filter(code="N1").update(logo=LOGO)
    client.force_login(cast.chief)
    response = client.get("/sites/N1/logo.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
