"""Changing a service: a part in a form, sessions on the calendar, the list, the file; each as a version of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from trustwide.analysis.capacity import LeverError, ServiceError
from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.services.imaging.capacity import actions, service_forms
from trustwide.services.imaging.capacity.actions import Content, content_of
from trustwide.services.imaging.capacity.calendar_page import (
    CalendarPage,
    SaveSessionsForm,
    calendar_after,
    changes_sent,
)
from trustwide.services.imaging.capacity.description import PARTS, nameless, read_files, to_yaml
from trustwide.services.imaging.capacity.models import CapacityService, ServiceVersion
from trustwide.services.imaging.capacity.part_form import PartForm, ReasonForm
from trustwide.services.imaging.capacity.part_forms import FORMS, SEVERAL
from trustwide.services.imaging.capacity.rules import check_can_change_service
from trustwide.services.imaging.capacity.views import content_of_files, service_context, service_of
from trustwide.services.imaging.runs import RunStateError

ONE_MORE = {"scanners": "Another scanner", "demand": "Another stream"}


@permission_required("view_plans")
def change_part(request: SignedInRequest, service_id: int, part: str, key: str = "") -> HttpResponse:
    """Change a part of a description, or add a scanner or a stream to it."""
    found, version = version_to_change(request, service_id)
    if part not in FORMS or (key and part not in SEVERAL):
        raise Http404
    try:
        form = FORMS[part](version.mapping, version.notes, request.POST or None, key)
    except KeyError:
        raise Http404 from None
    if request.method == "POST" and form.is_valid():
        notes = _with_note(version, part, form.cleaned_data["source"])
        content = replace(content_of(version), described=form.changed(), notes=notes)
        if response := _keep(request, version, content, form):
            return response
    title = f"{SEVERAL[part].capitalize()} {key}" if key else ONE_MORE.get(part, PARTS[part])
    context = service_context(request, found, "service") | {
        "form": form, "title": title, "part": part, "key": key, "version": version
    }  # fmt: skip
    return render(request, "imaging/capacity/change.jinja", context)


@permission_required("view_plans")
def remove_row(request: SignedInRequest, service_id: int, part: str, key: str) -> HttpResponse:
    """Take a scanner or a stream out of a description."""
    found, version = version_to_change(request, service_id)
    described = version.mapping
    rows = [row for row in described.get(part, []) if row["id"] != key] if part in SEVERAL else None
    if rows is None or len(rows) == len(described[part]):
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        content = replace(content_of(version), described={**described, part: rows})
        if response := _keep(request, version, content, form):
            return response
    title = f"Take out the {SEVERAL[part]} {key}"
    context = service_context(request, found, "service") | {"form": form, "title": title, "version": version}
    return render(request, "imaging/capacity/change.jinja", context)


@permission_required("view_plans")
def change_list(request: SignedInRequest, service_id: int) -> HttpResponse:
    """Another waiting list."""
    found, version = version_to_change(request, service_id)
    form = service_forms.ListForm(
        request.POST or None, request.FILES or None, initial={"source": version.notes.get("list", "")}
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            content = replace(content_of(version), rows=_rows(version, form.cleaned_data["waiting"]),
                              notes=_with_note(version, "list", form.cleaned_data["source"]))  # fmt: skip
        except ServiceError as error:
            for problem in error.problems:
                form.add_error("waiting", problem)
        else:
            if response := _keep(request, version, content, form):
                return response
    context = service_context(request, found, "service") | {
        "form": form, "title": PARTS["list"], "version": version, "multipart": True
    }  # fmt: skip
    return render(request, "imaging/capacity/change.jinja", context)


@permission_required("view_plans")
def change_text(request: SignedInRequest, service_id: int) -> HttpResponse:
    """The whole description as text."""
    found, version = version_to_change(request, service_id)
    form = service_forms.TextForm(request.POST or None, initial={"text": _text_of(version)})
    if request.method == "POST" and form.is_valid():
        try:
            upload = read_files(form.cleaned_data["text"].encode())
        except ServiceError as error:
            for problem in error.problems:
                form.add_error("text", problem)
        else:
            content = replace(content_of(version), described=upload.described, notes=upload.notes)
            if response := _keep(request, version, content, form):
                return response
    context = service_context(request, found, "service") | {
        "form": form, "title": "The whole file", "version": version, "wide": True
    }  # fmt: skip
    return render(request, "imaging/capacity/change.jinja", context)


@permission_required("view_plans")
def replace_files(request: SignedInRequest, service_id: int) -> HttpResponse:
    """The next version from files."""
    found, version = version_to_change(request, service_id)
    form = service_forms.ReplaceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = replace(content_of_files(form.cleaned_data), levers=version.lever_list)
        except ServiceError as error:
            form.take_problems(error.source, error.problems)
        else:
            if response := _keep(request, version, content, form):
                return response
    context = service_context(request, found, "service") | {
        "form": form, "title": "Another file", "version": version, "multipart": True
    }  # fmt: skip
    return render(request, "imaging/capacity/change.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_plans")
def calendar(request: SignedInRequest, service_id: int) -> HttpResponse:
    """The week calendar after a session was picked, moved, added or taken away; or saved."""
    found, version = version_to_change(request, service_id)
    if request.method != "POST":
        return redirect(f"{reverse('imaging:service', args=[found.pk])}#calendar")
    if request.POST.get("do") == "save":
        return _save_calendar(request, found, version)
    return _calendar(request, found, calendar_after(version, request.POST.dict()), SaveSessionsForm())


def _save_calendar(request: SignedInRequest, found: CapacityService, version: ServiceVersion) -> HttpResponse:
    form, sent = SaveSessionsForm(request.POST), request.POST.dict()
    if form.is_valid():
        source = form.cleaned_data["source"] or version.notes.get("sessions", "")
        notes = _with_note(version, "sessions", source)
        content = replace(content_of(version), described=changes_sent(version, sent), notes=notes)
        if response := _keep(request, version, content, form):
            return HttpResponseClientRedirect(response["Location"]) if request.htmx else response
    return _calendar(request, found, calendar_after(version, {"changes": sent.get("changes", "")}), form)


def _calendar(
    request: SignedInRequest, found: CapacityService, page: CalendarPage, form: SaveSessionsForm
) -> HttpResponse:
    context = service_context(request, found, "service") | {
        "calendar": page, "reason": form, "version": page.version, "form": form if form.errors else page.form
    }  # fmt: skip
    template = "imaging/capacity/calendar.jinja" if request.htmx else "imaging/capacity/calendar_page.jinja"
    return render(request, template, context)


def version_to_change(request: SignedInRequest, service_id: int) -> tuple[CapacityService, ServiceVersion]:
    """The service and the version that the form was opened on: the newest, unless a form says otherwise."""
    found, newest = service_of(request, service_id)
    check_can_change_service(request.user, found)
    opened = request.POST.get("version", "")
    if not opened.isdecimal() or len(opened) > 9 or int(opened) == newest.number:
        return found, newest
    version = found.versions.select_related("waiting_list").filter(number=int(opened)).first()
    return found, version or newest


def _keep(
    request: SignedInRequest, version: ServiceVersion, content: Content, form: Any
) -> HttpResponse | None:  # fmt: skip
    """Save it as the next version and go to the page; nothing where it is refused, and the form then says why."""
    try:
        made = actions.change_service(version, content, reason=form.cleaned_data["reason"], by=request.user)
    except (LeverError, RunStateError) as error:
        form.add_error(None, str(error))
    except ServiceError as error:
        if isinstance(form, PartForm):
            form.take_problems(error.problems)
        else:
            for problem in error.problems:
                form.add_error(None, problem)
    else:
        messages.success(request, f"{made} is saved: {made.reason}")
        return redirect("imaging:service", version.service_id)
    return None


def _with_note(version: ServiceVersion, part: str, text: str) -> dict[str, str]:
    """The notes with another one for this part, empty ones left out."""
    return {name: note for name, note in (version.notes | {part: text.strip()}).items() if note}


def _rows(version: ServiceVersion, file: Any) -> str:
    if file is None:
        return ""
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ServiceError(file.name, ["is not UTF-8 text; save it as CSV in UTF-8"]) from None
    return nameless(text, version.mapping)


def _text_of(version: ServiceVersion) -> str:
    """The file without its line about the list, which is kept beside it."""
    return "\n".join(line for line in to_yaml(version).splitlines() if not line.startswith("waiting_list:"))
