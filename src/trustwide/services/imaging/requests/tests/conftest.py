import pytest

from trustwide.services.imaging.booking.tests.booking_stage import build_stage


@pytest.fixture
def stage(cast):
    return build_stage(cast)


@pytest.fixture
def sign_in_as(cast, client):
    """sign_in_as(role): the client is the person of that role at North."""

    def go_in(role):
        client.force_login(cast.people[role])
        return client

    return go_in
