"""Brings in a file from a page: upload, which header is which column, and what became of it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.organisations.models import Partnership
from trustwide.commons.patients.identity import keeps_identifiers
from trustwide.exchange.activity.columns import guess_columns
from trustwide.exchange.activity.exceptions import ActivityFormatError
from trustwide.exchange.activity.forms import ColumnsForm, UploadForm, headers_from
from trustwide.services.imaging.activity.actions import Source, import_activity, save_columns
from trustwide.services.imaging.activity.models import ColumnMapping
from trustwide.services.imaging.activity.rules import ActivityError, partnerships_for

if TYPE_CHECKING:
    from trustwide.exchange.activity.extract import ActivityFile

MOST_ROWS = 20_000  # in one answer; more are for the command line
SHOWN = 100
LONGEST_NAME = 30  # letters of a file's name, which may take four bytes each


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("import_activity")
def upload_activity(request: SignedInRequest) -> HttpResponse:
    """Bring in a file; of a system that is new, ask about its columns first."""
    asked = {name: request.GET.get(name, "") for name in ("partnership", "system")}
    form = UploadForm(partnerships_for(request.user), request.POST or None, request.FILES or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            with tempfile.TemporaryDirectory() as folder:
                return _take(request, form, _written(form.cleaned_data["file"], Path(folder)))
        except (ActivityFormatError, ActivityError) as error:
            form.add_error("file", str(error))
    return render(request, "imaging/activity/upload.jinja", {"form": form, "keeps": keeps_identifiers()})


@require_POST
@permission_required("import_activity")
def activity_columns(request: SignedInRequest) -> HttpResponse:
    """Keep which header is which column."""
    headers = headers_from(request.POST.get("headers", ""))
    form = ColumnsForm(partnerships_for(request.user), headers, request.POST)
    if not form.is_valid():
        system = request.POST.get("system", "")
        return render(request, "imaging/activity/columns.jinja", {"form": form, "system": system})
    system = form.cleaned_data["system"]
    save_columns(form.group, system, form.columns, by=request.user, day_first=form.cleaned_data["day_first"])
    messages.success(request, f"The columns of {system} are kept. Now upload the file again.")
    return redirect("upload_activity")


def _take(request: SignedInRequest, form: UploadForm, path: Path) -> HttpResponse:
    from trustwide.exchange.activity.extract import header_of, read  # slow to load, and few need it

    system = " ".join(form.cleaned_data["system"].split())
    kept = ColumnMapping.objects.filter(partnership=form.group, system=system)
    saved = cast("ColumnMapping | None", kept.first())
    if saved is None or form.cleaned_data["again"]:
        return _ask_columns(request, form.group, system, header_of(path), saved)
    file = read(path, columns=saved.columns, day_first=saved.day_first)
    return _store(request, form.group, system, file, path)


def _ask_columns(
    request: SignedInRequest, group: Partnership, system: str, header: Sequence[str], saved: ColumnMapping | None
) -> HttpResponse:
    kept = {name: title for name, title in (saved.columns if saved else {}).items() if title in header}
    initial = guess_columns(header) | kept
    initial |= {"partnership": group.slug, "system": system, "headers": json.dumps(list(header))}
    days = saved.day_first if saved else True
    form = ColumnsForm(partnerships_for(request.user), header, initial={**initial, "day_first": days})
    return render(request, "imaging/activity/columns.jinja", {"form": form, "system": system})


def _store(request: SignedInRequest, group: Partnership, system: str, file: ActivityFile, path: Path) -> HttpResponse:
    if file.frame.height > MOST_ROWS:
        raise ActivityError(
            f"{file.name} has {file.frame.height:,} exams, and a page takes {MOST_ROWS:,} at once. Divide the file, or "
            "ask your administrator to bring it in with the command trustwide import activity."
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(system, file.name, digest, file.rows, file.rejected.height, file.in_doubt)
    summary = import_activity(file.frame, partnership=group, source=source, by=request.user)
    context = {"file": file, "summary": summary, "group": group, "most": SHOWN}
    return render(request, "imaging/activity/result.jinja", context)


def _written(upload: UploadedFile[Any], folder: Path) -> Path:
    """The upload as a file, for readers of workbooks want one; it goes with its folder."""
    given = Path(upload.name or "extract.csv")
    path = folder / f"{given.stem[:LONGEST_NAME]}{given.suffix[:LONGEST_NAME]}"
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return path
