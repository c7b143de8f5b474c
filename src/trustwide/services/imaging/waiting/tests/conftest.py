import pytest

from trustwide.services.imaging.booking.tests.booking_stage import build_stage


@pytest.fixture
def stage(cast):
    return build_stage(cast)


@pytest.fixture
def clerk(stage, client):
    """Signed in as the booking clerk of North."""
    client.force_login(stage.cast.people["booking_clerk"])
    return client
