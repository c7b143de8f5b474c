"""The waiting-list meeting out to Excel and back in: what would change is shown before it is."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.models import User
from trustwide.commons.accounts.rules import SignedInRequest, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.downloads import workbook_file
from trustwide.exchange.workbooks.meeting import Fault, Returned, read_meeting, write_meeting
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.waiting.forms import MeetingForm
from trustwide.services.imaging.waiting.meeting_figures import MOST_ROWS, found, meeting, rows_of
from trustwide.services.imaging.waiting.notes import NOTHING, Change, Standing, standings, why_refused, write_notes

TITLE = "Who will breach, and what is being done?"
SALT = "waiting-list meeting"
LARGEST_FILE = 5_000_000  # bytes
MOST_CHANGES = 1_000


class UploadForm(forms.Form):
    """The workbook that comes back."""

    file = forms.FileField(label="Workbook of the meeting", help_text="The .xlsx that was downloaded and filled in.")

    def clean_file(self) -> Any:
        """A file of a size that such a workbook has."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(f"The file is larger than {LARGEST_FILE // 1_000_000} MB; a workbook never is.")
        return file


@dataclass(frozen=True)
class Line:
    """What would change in one row: the request, what stands and what would."""

    row: int
    request: ImagingRequest | None
    before: Standing
    change: Change
    why: str


@require_safe
@permission_required("view_bookings")
def meeting_workbook(request: SignedInRequest) -> HttpResponse:
    """The rows of the meeting as they are filtered, all its pages, to be written into."""
    sites, day = list(sites_where(request.user, "view_bookings").of_the_group()), timezone.localdate()
    asked = MeetingForm(sites, request.GET).asked
    page, out = meeting(request.user, asked, day, sites), io.BytesIO()
    write_meeting(rows_of(found(request.user, asked, day)[:MOST_ROWS], day), TITLE, page.answer, page.cut, out)
    return workbook_file("waiting-list-meeting.xlsx", out.getvalue())


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("make_bookings")
def meeting_upload(request: SignedInRequest) -> HttpResponse:
    """Bring a filled-in workbook back: what would change, what would not and why."""
    form = UploadForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            returned = _read(form.cleaned_data["file"].read())
        except ValueError as error:
            form.add_error("file", str(error))
        else:
            context |= _preview(returned, request.user)
    return render(request, "imaging/waiting/meeting_upload.jinja", context)


@require_POST
@permission_required("view_bookings")
def meeting_apply(request: SignedInRequest) -> HttpResponse:
    """Write what was shown; rows that somebody else wrote about meanwhile are left and told."""
    check_can(request.user, "make_bookings")
    try:
        given = signing.loads(request.POST.get("changes", ""), salt=SALT, max_age=24 * 3600)
    except signing.BadSignature:
        messages.error(request, "What was shown is too old or was changed; bring the workbook back again.")
        return redirect("meeting_upload")
    changes = [Change(**{**one, "due_on": parse_date(one["due_on"] or "")}) for one in given]
    written = write_notes(changes, by=request.user)
    if not written.refused:
        messages.success(request, f"{written.done:,} rows are written.")
        return redirect("imaging:waiting_meeting")
    left = tuple(change for change in changes if change.request_id in written.refused)
    lines = _lines(Returned(left, (), 0, {}), request.user, written.refused)
    return render(request, "imaging/waiting/meeting_upload.jinja", {"done": written.done, "conflicts": lines})


def _read(content: bytes) -> Returned:
    returned = read_meeting(content)
    if len(returned.changes) > MOST_CHANGES:
        raise ValueError(f"The file changes {len(returned.changes):,} rows; bring back {MOST_CHANGES:,} at a time.")
    return returned


def _preview(returned: Returned, user: User) -> dict[str, Any]:
    refused = why_refused(returned.changes, by=user)
    lines = _lines(returned, user, refused)
    fine = [asdict(line.change) for line in lines if not line.why]
    for one in fine:
        one["due_on"] = one["due_on"].isoformat() if one["due_on"] else ""
    return {
        "lines": [line for line in lines if not line.why], "conflicts": [line for line in lines if line.why],
        "faults": _in_order(returned.faults), "unchanged": returned.unchanged,
        "changes": signing.dumps(fine, salt=SALT, compress=True) if fine else "",
    }  # fmt: skip


def _lines(returned: Returned, user: User, refused: dict[int, str]) -> list[Line]:
    ids = [change.request_id for change in returned.changes]
    requests = ImagingRequest.objects.for_user(user).light().in_bulk(ids)
    stand = standings(list(requests))
    return [
        Line(returned.row_of.get(change.request_id, 0), requests.get(change.request_id),
             stand.get(change.request_id, NOTHING), change, refused.get(change.request_id, ""))
        for change in returned.changes
    ]  # fmt: skip


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.row)
