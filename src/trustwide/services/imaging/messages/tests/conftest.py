import pytest

from trustwide.services.imaging.booking.tests.booking_stage import build_stage


@pytest.fixture
def stage(cast, settings):
    settings.LIVE_BOOKING = True
    settings.JOBS = "now"
    return build_stage(cast)
