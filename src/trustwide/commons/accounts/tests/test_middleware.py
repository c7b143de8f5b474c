"""A session that ended under an open page."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/imaging/plans/N1/MRI/?weeks=6", "?next=%2Fimaging%2Fplans%2FN1%2FMRI%2F%3Fweeks%3D6"),
        ("http://elsewhere.example/imaging/", ""),
    ],
)
def test_the_whole_page_goes_to_sign_in_and_back(client, page, back):
    answer = client.get(reverse("home"), headers=PART | {"HX-Current-URL": page})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, f"{reverse('account_login')}{back}")
    assert answer.content == b""


def test_a_page_without_a_session_is_redirected_as_ever(client):
    answer = client.get(reverse("home"))
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('account_login')}?next=/")


def test_who_is_signed_in_is_answered(cast, client):
    client.force_login(cast.chief)
    assert "HX-Redirect" not in client.get(reverse("home"), headers=PART)
