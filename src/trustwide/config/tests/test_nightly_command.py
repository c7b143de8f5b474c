"""What is done once a day, on a real database."""

from __future__ import annotations

import pytest

from trustwide.commons.accounts.tests.cast import build_cast
from trustwide.config.cli import main
from trustwide.services.imaging.booking.models import ScannerSession
from trustwide.services.imaging.booking.tests.booking_stage import build_stage

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_says_what_it_did_and_may_run_again(capsys):
    build_stage(build_cast())
    before = ScannerSession.objects.count()
    assert main(["nightly"]) == 0
    first = capsys.readouterr().out
    after = ScannerSession.objects.count()
    assert after > before
    assert "Sessions for 26 weeks" in first
    assert main(["nightly"]) == 0
    assert "0 new, 0 changed" in capsys.readouterr().out
    assert ScannerSession.objects.count() == after
