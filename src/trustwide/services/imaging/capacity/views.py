"""Which services are there, and how is one run? Describing, changing, sharing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from trustwide.analysis.capacity import LeverError, ServiceError
from trustwide.commons.accounts.rules import SignedInRequest, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.commons.organisations.models import Site, SiteQuerySet
from trustwide.services.imaging.capacity import actions, service_forms, words
from trustwide.services.imaging.capacity.actions import Content
from trustwide.services.imaging.capacity.description import PARTS, read_files, to_yaml
from trustwide.services.imaging.capacity.models import CapacityService, ServiceVersion
from trustwide.services.imaging.capacity.part_form import ReasonForm
from trustwide.services.imaging.capacity.rules import (
    can_change_service,
    check_can_change_service,
    check_can_see_requests,
)
from trustwide.services.imaging.capacity.service_page import service_page
from trustwide.services.imaging.runs import RunStateError

SERVICES_A_PAGE = 25
FIRST_REASON = "described"


@require_safe
@permission_required("view_plans")
def service(request: SignedInRequest, service_id: int) -> HttpResponse:
    """How do we run it?"""
    found, version = service_of(request, service_id)
    page = service_page(request.user, found, version)
    context = service_context(request, found, "service") | {
        "page": page, "version": version, "words": words, "calendar": page.calendar, "parts": PARTS,
    }  # fmt: skip
    return render(request, "imaging/capacity/service.jinja", context)


@permission_required("view_plans")
def describe_service(request: SignedInRequest) -> HttpResponse:
    """Describe a service from scratch."""
    check_can(request.user, "make_plans")
    keepers = sites_kept(request)
    form = service_forms.StartForm(keepers, list(_sites_of_ours(keepers)), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = Content(form.described())
            made = actions.describe_service(form.site, content, reason=FIRST_REASON, by=request.user)
        except ServiceError as error:
            form.take_problems(error.problems)
        else:
            messages.success(request, f"{made} is described. Change whatever is not as it should be.")
            return redirect("imaging:service", made.pk)
    return render(request, "imaging/capacity/describe.jinja", {"form": form})


@permission_required("view_plans")
def upload_service(request: SignedInRequest) -> HttpResponse:
    """Describe a service by its files."""
    check_can(request.user, "make_plans")
    form = service_forms.UploadForm(sites_kept(request), request.POST or None, files=request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = content_of_files(form.cleaned_data)
            made = actions.describe_service(form.site, content, reason="from files", by=request.user)
        except ServiceError as error:
            form.take_problems(error.source, error.problems)
        else:
            messages.success(request, f"{made} is described.")
            return redirect("imaging:service", made.pk)
    return render(request, "imaging/capacity/upload.jinja", {"form": form})


@require_safe
@permission_required("view_plans")
def service_file(request: SignedInRequest, service_id: int, number: int) -> HttpResponse:
    """A version as the file that `trustwide simulate` takes."""
    found, _ = service_of(request, service_id)
    version = version_of(found, number)
    name = f"{slugify(found.name) or 'service'}-{version.number}.yaml"
    return HttpResponse(to_yaml(version), content_type="application/yaml", headers=attachment(name))


@require_safe
@permission_required("view_plans")
def waiting_list_file(request: SignedInRequest, service_id: int, number: int) -> HttpResponse:
    """The nameless rows of a version's waiting list, for those who plan with them."""
    found, _ = service_of(request, service_id)
    check_can_see_requests(request.user, found)
    version = version_of(found, number)
    if version.waiting_list is None:
        raise Http404
    return HttpResponse(version.waiting_list.rows, content_type="text/csv", headers=attachment("waiting_list.csv"))


@require_safe
@permission_required("view_plans")
def service_versions(request: SignedInRequest, service_id: int) -> HttpResponse:
    """What was changed, when, by whom and why?"""
    found, newest = service_of(request, service_id)
    versions = found.versions.defer("description", "levers").select_related("created_by")
    context = service_context(request, found, "versions") | {
        "versions": Paginator(versions, SERVICES_A_PAGE).get_page(request.GET.get("page")), "newest": newest
    }  # fmt: skip
    return render(request, "imaging/capacity/versions.jinja", context)


@permission_required("view_plans")
def restore_version(request: SignedInRequest, service_id: int, number: int) -> HttpResponse:
    """Make an older version the newest again."""
    found, _ = service_of(request, service_id)
    check_can_change_service(request.user, found)
    version = version_of(found, number)
    form = ReasonForm(request.POST or None, initial={"reason": f"back to version {number}"})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.restore_version(version, by=request.user, **form.cleaned_data)
        except (LeverError, RunStateError, ServiceError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{made} is as version {number} was.")
            return redirect("imaging:service", found.pk)
    context = service_context(request, found, "versions") | {"form": form, "version": version}
    return render(request, "imaging/capacity/restore.jinja", context)


@require_POST
@permission_required("view_plans")
def share_service(request: SignedInRequest, service_id: int) -> HttpResponse:
    """Share a service with the group, or stop sharing it."""
    found, _ = service_of(request, service_id)
    shared = request.POST.get("shared") == "yes"
    actions.share_service(found, shared=shared, by=request.user)
    link = request.build_absolute_uri()[: -len("share/")]
    everybody = f"Everybody who may see plans in {found.site.partner.partnership} can read it now: {link}"
    only = f"Only those who may see plans at {found.site} can open it now."
    messages.success(request, everybody if shared else only)
    return redirect("imaging:service", found.pk)


@permission_required("view_plans")
def archive_service(request: SignedInRequest, service_id: int) -> HttpResponse:
    """Put a service away, with the reason."""
    found, _ = service_of(request, service_id)
    check_can_change_service(request.user, found)
    form = service_forms.ArchiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.archive_service(found, by=request.user, **form.cleaned_data)
        messages.success(request, f"{found} is put away. Its address still opens it.")
        return redirect("imaging:services")
    context = service_context(request, found, "service") | {"form": form}
    return render(request, "imaging/capacity/archive_service.jinja", context)


def service_of(request: SignedInRequest, service_id: int) -> tuple[CapacityService, ServiceVersion]:
    """A service this person may see, and its newest version."""
    visible = CapacityService.objects.for_user(request.user).select_related(
        "site__partner__partnership", "newest__waiting_list"
    )
    found: CapacityService = get_object_or_404(visible.defer("newest__waiting_list__rows"), pk=service_id)
    if found.newest is None:
        raise Http404
    return found, found.newest


def version_of(found: CapacityService, number: int) -> ServiceVersion:
    """One version of a service."""
    version: ServiceVersion = get_object_or_404(found.versions.select_related("waiting_list"), number=number)
    return version


def service_context(request: SignedInRequest, found: CapacityService, here: str) -> dict[str, Any]:
    """What every page of a service needs; `here` is the page that is marked among its siblings."""
    may_change = can_change_service(request.user, found)
    return {"service": found, "site": found.site, "here": here, "may_change": may_change}


def sites_kept(request: SignedInRequest) -> list[Site]:
    """The sites of the group that this person may keep a service for."""
    return list(sites_where(request.user, "make_plans").of_the_group().select_related("partner"))


def content_of_files(given: dict[str, Any]) -> Content:
    """What the files of a form hold. Raises ServiceError."""
    waiting = given.get("waiting")
    upload = read_files(given["service"].read(), waiting.read() if waiting else None)
    return Content(upload.described, notes=upload.notes, rows=upload.rows or "")


def _sites_of_ours(keepers: list[Site]) -> SiteQuerySet:
    """Every site of the partnerships for which somebody keeps services: a service may span them."""
    found: SiteQuerySet = Site.objects.filter(
        partner__partnership__in={site.partner.partnership_id for site in keepers}
    )
    return found
