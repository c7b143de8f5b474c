"""Where the sign-in page goes when a session has ended under an open page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails


def whole_page_sign_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Send the whole page to sign-in, and back to where it was, where a part of it asked without a session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        htmx, sign_in = HtmxDetails(request), resolve_url(settings.LOGIN_URL)
        if not htmx or urlsplit(response.headers.get("Location", "")).path != sign_in:
            return response
        # no address of another host: a page of ours asked, or there is nowhere to go back to
        here = htmx.current_url_abs_path
        return HttpResponseClientRedirect(f"{sign_in}?{urlencode({REDIRECT_FIELD_NAME: here})}" if here else sign_in)

    return middleware
