"""The API against what its own description allows and forbids, tried by Schemathesis in this process."""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings

from trustwide.commons.accounts.actions import make_token
from trustwide.exchange.api.application import description

pytestmark = pytest.mark.django_db
ANSWERS: Counter[int] = Counter()


SITE = WSGIHandler()


def addressed(environ, start_response):
    """The site as a server runs it, which knows where a call comes from."""
    return SITE({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


described = schemathesis.openapi.from_dict(description())
described.app = addressed


@pytest.fixture(scope="module")
def bearer(stage):
    return {"Authorization": f"Bearer {make_token('schemathesis', days=30, by=stage.chief)[1]}"}


@pytest.fixture(autouse=True)
def _may_ask_often(settings):
    settings.API_CALLS_A_MINUTE = 10**6


# every check there is: no server error; status, content type and body as described; wrong data refused and right data
# taken; methods that are not described refused; no answer without a key or with a wrong one
@described.parametrize()
@settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_failure_is_found(case, bearer):
    response = case.call(headers=bearer)
    ANSWERS[response.status_code] += 1
    case.validate_response(response, headers=bearer)


def test_right_and_wrong_data_were_tried():
    if not ANSWERS:
        pytest.skip("the test above did not run")
    assert min(ANSWERS[status] for status in (200, 405, 422)) > 0, ANSWERS
