"""What is happening now? The lists of the day, the board of a waiting area, and a scanner that is down."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.commons.patients.exceptions import PatientError
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.booking.figures import sites_to_search
from trustwide.services.imaging.booking.models import Appointment, Scanner, ScannerSession
from trustwide.services.imaging.day import actions, down, figures
from trustwide.services.imaging.day.forms import DayForm, DownForm, StepForm, UrgentForm
from trustwide.services.imaging.day.urgent import UrgentRequest, add_urgent
from trustwide.services.imaging.requests.pathway import PathwayError

LISTS_A_PAGE = 8
LONGEST_KEY = 19  # digits of what a database keeps as a key
REFUSED = (BookingError, PathwayError, PatientError)


@require_safe
@permission_required("view_bookings")
def today(request: SignedInRequest) -> HttpResponse:
    """What is happening now?"""
    form = DayForm(sites_to_search(request.user), request.GET)
    form.is_valid()
    scanners = figures.summaries(request.user, form.day(), site_id=form.site_id())
    page = Paginator(scanners, LISTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form, "day": form.day(), "scanners": scanners, "headline": figures.headline(scanners), "page": page,
        "shown": list(zip(page, figures.day_lists([one.session for one in page]), strict=True)),
        "may_run": can(request.user, "run_the_day"), "query": request.GET.urlencode(),
        "address": _without_page(request), "per_page": LISTS_A_PAGE,
    }  # fmt: skip
    return render(request, "imaging/day/lists.jinja" if request.htmx else "imaging/day/today.jinja", context)


@require_POST
@permission_required("run_the_day")
def step(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """Record a step of a visit."""
    appointment = get_object_or_404(_mine(request), pk=appointment_id)
    form = StepForm(request.POST)
    back = f"{reverse('imaging:today')}?{QueryDict(request.POST.get('query', '')).urlencode()}#visit-{appointment.pk}"
    if not form.is_valid():
        messages.error(request, "Choose a step that is listed.")
        return redirect(back)
    try:
        actions.record_step(appointment, form.event(), by=request.user, reason=form.cleaned_data["reason"])
    except REFUSED as refusal:
        messages.error(request, str(refusal))
    return redirect(back)


@require_safe
@permission_required("view_bookings")
def board(request: SignedInRequest, code: str) -> HttpResponse:
    """Where is each patient? For a screen in a waiting area, without names."""
    site = get_object_or_404(sites_where(request.user, "view_bookings").of_the_group(), code=code)
    context = {"site": site, "board": figures.board(request.user, timezone.localdate(), site_id=site.pk)}
    return render(request, "imaging/day/board_rows.jinja" if request.htmx else "imaging/day/board.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("run_the_day")
def urgent(request: SignedInRequest, session_id: int) -> HttpResponse:
    """Who has to be put in between?"""
    sessions = ScannerSession.objects.for_user(request.user).select_related(
        "scanner__site__partner__partnership", "site"
    )
    session = get_object_or_404(sessions, pk=session_id)
    check_can(request.user, "run_the_day", session.scanner.site)
    form = UrgentForm(session, request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = add_urgent(UrgentRequest(**given), session, by=request.user)
        except REFUSED as refusal:
            form.add_error(None, str(refusal))
        else:
            where = "on top of the list" if made.overbooked else "into a gap"
            messages.success(request, f"Put {where} at {timezone.localtime(made.starts_at):%H:%M}.")
            return redirect("imaging:today")
    return render(request, "imaging/day/urgent.jinja", {"form": form, "session": session})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("run_the_day")
def scanner_down(request: SignedInRequest, scanner_id: int) -> HttpResponse:
    """Who is affected, and when can they come instead? The first form shows it, the second one does it."""
    scanner = _scanner(request, scanner_id)
    form = DownForm(request.POST or None)
    context = {"scanner": scanner, "form": form, "moves": None}
    if request.method != "POST" or not form.is_valid():
        return render(request, "imaging/day/down.jinja", context)
    until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
    moves = down.plan_moves(scanner, until)
    if request.POST.get("do") != "move":
        return render(request, "imaging/day/down.jinja", context | {"moves": moves})
    check_can(request.user, "make_bookings", scanner.site)
    ticked = {int(pk) for pk in request.POST.getlist("appointment") if pk.isdecimal() and len(pk) < LONGEST_KEY}
    down.mark_down(scanner, until, by=request.user, reason=reason)
    moved = down.move_all(down.chosen(moves, ticked), by=request.user, reason=f"{scanner} is down: {reason}")
    return render(request, "imaging/day/moved.jinja", {"scanner": scanner, "moved": moved, "until": until})


@require_POST
@permission_required("run_the_day")
def scanner_up(request: SignedInRequest, scanner_id: int) -> HttpResponse:
    """The scanner works again."""
    scanner = _scanner(request, scanner_id)
    down.mark_up(scanner, by=request.user)
    messages.success(request, f"{scanner} is working again, and its free times are offered.")
    return redirect("imaging:today")


def _without_page(request: SignedInRequest) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""


def _mine(request: SignedInRequest) -> QuerySet[Appointment]:
    """Appointments on scanners at this person's sites, and of requests on their lists."""
    sites = sites_where(request.user, "run_the_day").of_the_group()
    mine: QuerySet[Appointment] = Appointment.objects.filter(Q(session__site__in=sites) | Q(request__site__in=sites))
    return mine.select_related(
        "request__site", "request__exam", "request__patient", "session__scanner", "session__site"
    )


def _scanner(request: SignedInRequest, scanner_id: int) -> Scanner:
    scanners = Scanner.objects.for_user(request.user).select_related("site__partner")
    scanner: Scanner = get_object_or_404(scanners, pk=scanner_id)
    check_can(request.user, "run_the_day", scanner.site)
    return scanner
