"""The API as one thing: its title, who may ask, its endpoints, and how it says what went wrong."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.operation import Operation

from trustwide.commons.organisations.exceptions import NotAllowedError
from trustwide.exchange.api.access import AccessTokenKey, CallsAMinute, SignedIn
from trustwide.exchange.api.endpoints import router

PREFIX = "/api/v1/"
NO_KEY = (
    'Send the key of an access token in the header "Authorization: Bearer"; one that has expired or was revoked, or '
    'whose person is no longer active, does not work, and the page "Your access tokens" makes a new one.'
)


class MeasuresAPI(NinjaAPI):
    """Names each operation by its function alone."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


api = MeasuresAPI(
    title="Trustwide measures",
    version="1",
    description="Definitions, observations, control charts and signals, to read. Everybody sees what they may see on "
    "the pages of the site; a token sees what its person may see at that moment, or less.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="api",
    auth=[AccessTokenKey(), SignedIn()],
    throttle=CallsAMinute(),
)
api.add_router("", router)


def description() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    return dict(api.get_openapi_schema(path_prefix=PREFIX))


@api.get("openapi.json", include_in_schema=False, url_name="openapi")
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API by which programs know it."""
    return JsonResponse(description())


def _problem(status: int, sentence: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return JsonResponse({"detail": sentence}, status=status, headers=headers)


@api.exception_handler(AuthenticationError)
def _unknown_reader(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return _problem(401, NO_KEY, {"WWW-Authenticate": "Bearer"})


@api.exception_handler(Throttled)
def _too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
    wait = str(int(error.wait or 0))
    return _problem(429, f"Too many calls; wait {wait} seconds, then go on more slowly.", {"Retry-After": wait})


@api.exception_handler(NotAllowedError)
def _not_allowed(request: HttpRequest, error: NotAllowedError) -> HttpResponse:
    return _problem(403, str(error))


@api.exception_handler(Http404)
def _nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
    return _problem(404, str(error))


@api.exception_handler(HttpError)
def _told(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _problem(error.status_code, str(error))


@api.exception_handler(ValidationError)
def _cannot_be_read(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _problem(422, " ".join(_sentence(request, each) for each in error.errors))


@api.exception_handler(Exception)
def _unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    raise error  # to be logged as on every page; the middleware answers


def _sentence(request: HttpRequest, fault: dict[str, Any]) -> str:
    name = str(fault["loc"][-1])
    expected = str(fault["msg"]).removeprefix("Value error, ")
    return f'"{name}" is "{request.GET.get(name, "")[:60]}": {expected[:1].lower()}{expected[1:]}.'
