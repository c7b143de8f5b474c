"""Whatever goes wrong at an address of the API, wherever, is answered as JSON."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

SENTENCES = {
    400: "The request cannot be read; check the address and its headers.",
    403: "You may not do this.",
    404: "There is nothing at this address; /api/v1/openapi.json lists every address there is.",
    405: "This cannot be done here: the API is for reading, so only GET is allowed.",
    429: "Too many requests; wait a minute, then go on more slowly.",
}
ANY_OTHER = "Something went wrong here. You did nothing wrong; try again in a few minutes."
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


def errors_as_json(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Put a sentence in place of a page that says what went wrong, and let nobody keep what is for one person."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path_info.startswith("/api/"):
            return response
        if response.status_code >= 400 and not response["Content-Type"].startswith("application/json"):
            response = _told(response)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return middleware


def _told(response: HttpResponse) -> HttpResponse:
    kept = {name: response[name] for name in KEPT if name in response}
    sentence = SENTENCES.get(response.status_code, ANY_OTHER)
    return JsonResponse({"detail": sentence}, status=response.status_code, headers=kept)
