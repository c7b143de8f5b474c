"""Views of the waiting list that people keep."""

import pytest
from django.urls import reverse

from trustwide.web.models import SavedView

pytestmark = pytest.mark.django_db


def test_a_view_is_kept_with_all_its_columns(cast, client):
    client.force_login(cast.people["booking_clerk"])
    address = f"{reverse('new_view')}?of=imaging:waiting_list&test=MRI&columns=dm01&columns=own&page=2"
    client.post(address, {"name": "Our MRI"})
    assert SavedView.objects.get().query == "test=MRI&columns=dm01&columns=own"
    assert ">Our MRI</a>" in client.get(reverse("imaging:waiting_list")).content.decode()
