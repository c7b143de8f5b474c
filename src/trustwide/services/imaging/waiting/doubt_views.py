"""Which entries may be wrong? The list of doubts, and settling one with a click."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required
from trustwide.commons.nhsuk.formats import day as day_words
from trustwide.commons.patients.exceptions import PatientError
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.requests.models import ImagingRequest
from trustwide.services.imaging.requests.pathway import PathwayError
from trustwide.services.imaging.waiting import doubts
from trustwide.services.imaging.waiting.actions import DUPLICATE, did_not_come, merge_records, set_due, take_off
from trustwide.services.imaging.waiting.notes import validate_entries

ROWS_A_PAGE = 25


@require_safe
@permission_required("view_bookings")
def waiting_doubts(request: SignedInRequest) -> HttpResponse:
    """Which entries may be wrong?"""
    day = timezone.localdate()
    pairs = doubts.duplicates(request.user)
    counts = doubts.counts(request.user, day, pairs)
    asked = request.GET.get("of", "")
    key = asked if asked in doubts.DOUBTS else next((one for one in doubts.DOUBTS if counts[one]), doubts.DUPLICATES)
    found, rows = _rows(request, key, day, pairs)
    context = {
        "doubts": doubts.DOUBTS, "counts": counts, "key": key, "total": sum(counts.values()),
        "found": found, "rows": rows, "may_change": can(request.user, "make_bookings"), "today": day,
    }  # fmt: skip
    return render(request, "imaging/waiting/doubts.jinja", context)


@require_POST
@permission_required("view_bookings")
def settle_doubt(request: SignedInRequest) -> HttpResponse:
    """Settle one doubt: take the repetition off, merge, say what became of it, give it a day, or vouch for it."""
    check_can(request.user, "make_bookings")
    key, do = request.POST.get("of", ""), request.POST.get("do", "")
    settle = SETTLE.get(do)
    if key not in doubts.DOUBTS or settle is None:
        messages.error(request, "Choose what to do with one of the entries.")
        return redirect("imaging:waiting_doubts")
    try:
        messages.success(request, settle(request, key))
    except (PathwayError, BookingError, PatientError) as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('imaging:waiting_doubts')}?of={key}")


def _rows(
    request: SignedInRequest, key: str, day: datetime.date, pairs: list[tuple[int, int]]
) -> tuple[Any, list[Any]]:
    number = request.GET.get("page")
    if key == doubts.DUPLICATES:
        page = Paginator(pairs, ROWS_A_PAGE).get_page(number)
        return page, list(doubts.duplicate_entries(list(page)))
    if key == doubts.RECORDS:
        patients = Paginator(doubts.records(request.user), ROWS_A_PAGE).get_page(number)
        return patients, list(doubts.record_pairs(request.user, list(patients)))
    found = Paginator(doubts.entries(request.user, key, day), ROWS_A_PAGE).get_page(number)
    return found, list(doubts.single_entries(key, list(found), day))


def _request(request: SignedInRequest, name: str = "request") -> ImagingRequest:
    visible = ImagingRequest.objects.for_user(request.user).light()
    found: ImagingRequest = get_object_or_404(visible, pk=_number(request, name))
    return found


def _number(request: SignedInRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 16 else 0


def _take_off(request: SignedInRequest, key: str) -> str:
    one, other = _request(request), _request(request, "other")
    if other.patient_id != one.patient_id or other.pk == one.pk:
        raise PathwayError("The two requests are not of one patient; look at them again.")
    if (one.pk, other.pk) not in doubts.duplicates(request.user, patient_id=one.patient_id):
        raise PathwayError("The two requests no longer look like one asked for twice; look at them again.")
    reason = f"Asked for already on {day_words(other.requested_at)} ({other.exam})"
    take_off(one, by=request.user, reason=reason, code=DUPLICATE)
    return f"{one.exam} is withdrawn; the earlier request stays."


def _merge(request: SignedInRequest, key: str) -> str:
    pair = _pair(request)
    reason = "Two records of one patient, found by validation"
    merge_records(pair.gone, pair.into, by=request.user, reason=reason)
    return "The two records are one, and their requests stand together."


def _not_one(request: SignedInRequest, key: str) -> str:
    pair = _pair(request)
    theirs = ImagingRequest.objects.for_user(request.user).waiting().filter(patient__in=[pair.gone, pair.into])
    validate_entries(list(theirs.values_list("pk", flat=True)), doubts.DOUBTS[key].words, by=request.user)
    return "It is noted that these are two patients."


def _pair(request: SignedInRequest) -> doubts.Records:
    """The two records that were sent, if they are still doubted and the person has a request of each."""
    pair = doubts.pair_of(request.user, _number(request, "gone"), _number(request, "into"))
    if pair is None:
        raise PatientError("The two records no longer look like one patient; look at them again.")
    if not pair.both_seen:
        raise PatientError("One of the two records has no request at your sites; ask the site that looks after it.")
    return pair


def _missed(request: SignedInRequest, key: str) -> str:
    one = _request(request)
    did_not_come(one, _number(request, "appointment"), by=request.user)
    return f"It is recorded that the patient did not come for {one.exam}."


def _due(request: SignedInRequest, key: str) -> str:
    due_on = parse_date_or_none(request.POST.get("due_on", ""))
    if due_on is None:
        raise PathwayError("Enter the day on which the planned exam is due, as day, month and year.")
    one = _request(request)
    set_due(one, due_on, by=request.user)
    return f"{one.exam} is due on {day_words(due_on)}."


def _vouch(request: SignedInRequest, key: str) -> str:
    one = _request(request)
    check_can(request.user, "make_bookings", one.site)
    validate_entries([one.pk], doubts.DOUBTS[key].words, by=request.user)
    return f"{one.exam} is marked as validated; it is asked about again in twelve weeks."


def parse_date_or_none(text: str) -> datetime.date | None:
    """A day written as 2026-03-03; None for anything else."""
    try:
        return parse_date(text)
    except ValueError:
        return None


SETTLE = {
    "duplicate": _take_off, "merge": _merge, "two": _not_one, "missed": _missed, "due": _due, "validate": _vouch,
}  # fmt: skip
