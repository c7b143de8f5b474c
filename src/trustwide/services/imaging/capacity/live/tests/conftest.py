import pytest

from trustwide.services.imaging.booking.tests.booking_stage import build_stage


@pytest.fixture
def stage(cast):
    return build_stage(cast)
