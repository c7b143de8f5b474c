"""The sites of the group, each with its own identity."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from trustwide.commons.organisations.actions import rename_place, update_site_identity
from trustwide.commons.organisations.forms import RenamePlaceForm, SiteIdentityForm
from trustwide.commons.organisations.models import Site
from trustwide.commons.organisations.panels import site_panels
from trustwide.commons.organisations.rules import can_change_identity, check_can_change_identity, person_of

SITES_A_PAGE = 50


@require_safe
def site_list(request: HttpRequest) -> HttpResponse:
    """Who is in the group?"""
    visible = Site.objects.for_user(request.user).select_related("partner__partnership")
    others = Paginator(visible.exclude(pk__in=visible.of_the_group()), SITES_A_PAGE)
    context = {"sites": visible.of_the_group(), "others": others.get_page(request.GET.get("page"))}
    return render(request, "organisations/site_list.jinja", context)


@require_safe
def site_page(request: HttpRequest, code: str) -> HttpResponse:
    """Which site is this, and what does it call its rooms?"""
    site = _visible_site(request, code)
    context = {
        "site": site,
        "places": site.places.select_related("parent"),
        "can_edit": can_change_identity(request.user, site),
        "panels": [(panel.template, panel.figures(site)) for panel in site_panels()],
    }
    return render(request, "organisations/site_page.jinja", context)


def edit_site(request: HttpRequest, code: str) -> HttpResponse:
    """Change name, colour and logo."""
    site = _visible_site(request, code)
    check_can_change_identity(person_of(request), site)
    form = SiteIdentityForm(request.POST or None, request.FILES or None, instance=site)
    if request.method == "POST" and form.is_valid():
        asked = {field: form.cleaned_data[field] for field in ("name", "short_name", "colour", "reason")}
        update_site_identity(_visible_site(request, code), logo=form.logo(), by=person_of(request), **asked)
        messages.success(request, "The identity of the site is changed.")
        return redirect("site_page", code)
    return render(request, "organisations/edit_site.jinja", {"site": _visible_site(request, code), "form": form})


def edit_place(request: HttpRequest, code: str, place_id: int) -> HttpResponse:
    """Change what the site calls a room."""
    site = _visible_site(request, code)
    check_can_change_identity(person_of(request), site)
    place = get_object_or_404(site.places, pk=place_id)
    form = RenamePlaceForm(request.POST or None, instance=place)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        place.refresh_from_db()
        rename_place(place, wanted["local_name"], by=person_of(request), reason=wanted["reason"])
        messages.success(request, f"{place.name} is now called {place} here.")
        return redirect("site_page", code)
    return render(request, "organisations/edit_place.jinja", {"site": site, "place": place, "form": form})


@require_safe
def site_logo(request: HttpRequest, code: str) -> HttpResponse:
    """The logo as a picture; nothing in it may run, even if it is opened by itself."""
    site = _visible_site(request, code)
    if not site.logo:
        raise Http404
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "private, max-age=3600"}
    headers["ETag"] = f'"{hashlib.sha256(site.logo.encode()).hexdigest()[:16]}"'
    return HttpResponse(site.logo, content_type="image/svg+xml", headers=headers)


def _visible_site(request: HttpRequest, code: str) -> Site:
    visible = Site.objects.for_user(request.user).select_related("partner__partnership")
    return get_object_or_404(visible, code=code)
