"""The API against what its own description allows and forbids, tried by Schemathesis in this process."""

from __future__ import annotations

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, settings

from trustwide.commons.accounts.actions import make_token
from trustwide.commons.measures.models import Signal
from trustwide.exchange.api.application import description
from trustwide.exchange.api.tests.conftest import LIST

pytestmark = pytest.mark.django_db

# What must be among the answers of each address, or the calls were not what this test is for. Which numbers and texts
# are drawn depends on the modules loaded so far, so these are the statuses that the calls of the description's own
# bounds lead to: the same ones in every run, alone or beside other tests.
ANSWERS = {
    "GET /api/v1/sites": {200, 405, 422},
    "GET /api/v1/definitions": {200, 405, 422},
    "GET /api/v1/definitions/{code}": {404, 405},
    "GET /api/v1/observations": {200, 404, 405, 422},
    "GET /api/v1/charts": {200, 404, 405, 422},
    "GET /api/v1/charts/{measure}/{site}/{breakdown}": {404, 405},
    "GET /api/v1/signals": {200, 404, 405, 422},
    "GET /api/v1/signals/{signal_id}": {404, 405},
}

SITE = WSGIHandler()


def addressed(environ, start_response):
    """The site as a server runs it, which knows where a call comes from."""
    return SITE({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)


described = schemathesis.openapi.from_dict(description())
described.app = addressed


@pytest.fixture(scope="module")
def bearer(stage, request):
    key = make_token("schemathesis", days=30, by=getattr(stage, request.param))[1]
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def answered(request):
    """The statuses that one address answers with; right and wrong data must have led to them."""
    statuses: set[int] = set()
    yield statuses
    assert statuses >= ANSWERS[request.node.operation_label]


@pytest.fixture(autouse=True)
def _may_ask_often(settings):
    settings.API_CALLS_A_MINUTE = 10**6


# Every check there is: no server error; status, content type and body as described; wrong data refused and right data
# taken; methods that are not described refused; no answer without a key or with a wrong one.
# The parameter makes each address's test a name of its own: without one, pytest names Schemathesis's tests all alike,
# and of tests with one name pytest-xdist runs the first and passes over the others.
@pytest.mark.parametrize("bearer", ["chief"], indirect=True)
@described.parametrize()
@settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_failure_is_found(case, bearer, answered):
    response = case.call(headers=bearer)
    answered.add(response.status_code)
    case.validate_response(response, headers=bearer)


CHART = {"measure": LIST, "site": "N1", "breakdown": "MRI"}


@pytest.mark.parametrize("bearer", ["chief"], indirect=True)
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("definitions/{code}", {"code": LIST}),
        ("charts/{measure}/{site}/{breakdown}", CHART),
        ("signals/{signal_id}", {}),
    ],
)
def test_what_is_there_is_answered_as_described(path, named, bearer, stage):
    there = named or {"signal_id": Signal.objects.filter(site=stage.north).values_list("pk", flat=True)[0]}
    case = described[f"/api/v1/{path}"]["GET"].Case(path_parameters=there)
    response = case.call(headers=bearer)
    case.validate_response(response, headers=bearer)
    assert response.status_code == 200


def test_every_address_is_known():
    paths = description()["paths"]
    assert {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods} == set(ANSWERS)
