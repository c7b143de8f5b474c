"""Who should we call today? Did calling help? How far can we trust the risk? May we predict at all?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.attendance import actions, charts, figures, rules, words
from trustwide.services.imaging.attendance.forms import AssessmentForm, CallForm, CallsForm, StopForm, TrialForm
from trustwide.services.imaging.attendance.models import Call, Trial
from trustwide.services.imaging.booking.exceptions import BookingError
from trustwide.services.imaging.requests.pathway import PathwayError

ROWS_A_PAGE = 50
REFUSED = (BookingError, PathwayError, rules.AttendanceRefusedError)
View = Callable[..., HttpResponse]


def for_partnership(view: View) -> View:
    """Give a view the person's partnership, the first unless `group` in the address names another of theirs."""

    @permission_required(rules.PERMISSION)
    @wraps(view)
    def scoped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = rules.partnerships_of(request.user)
        named = request.GET.get("group", "")
        partnership = (mine.filter(slug=named) if named else mine).first()
        if partnership is None:
            raise Http404
        return view(request, partnership, *args, **kwargs)

    return scoped


def while_on(view: View) -> View:
    """As `for_partnership`; while predictions are off, the page that says why, and nothing else."""

    @for_partnership
    @wraps(view)
    def guarded(request: SignedInRequest, partnership: Partnership, *args: Any, **kwargs: Any) -> HttpResponse:
        if not rules.switched_on(partnership, timezone.localdate()):
            return redirect(_at("imaging:impact_assessments", partnership))
        return view(request, partnership, *args, **kwargs)

    return guarded


@require_safe
@while_on
def calls(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """Who should we call today?"""
    form = CallsForm(request.GET)
    found = figures.call_list(request.user, partnership, form.asked(), timezone.now())
    context = _common(request, partnership) | {
        "form": form, "found": found, "query": f"{form.query()}&group={partnership.slug}",
        "page": Paginator(found.rows, ROWS_A_PAGE).get_page(request.GET.get("page")), "outcomes": Call.Outcome.choices,
    }  # fmt: skip
    return render(request, "imaging/attendance/calls.jinja", context)


@require_POST
@while_on
def draw(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """Draw today's list by lot, before anybody calls."""
    form = CallsForm(request.GET)
    drawn = actions.draw_list(partnership, form.asked(), timezone.now(), by=request.user)
    messages.success(request, f"The lot is drawn for {drawn:,} appointment{'s' * (drawn != 1)}.")
    return redirect(f"{_at('imaging:calls', partnership)}&{form.query()}")


@require_POST
@while_on
def record_call(request: SignedInRequest, partnership: Partnership, appointment_id: int) -> HttpResponse:
    """What came of a call."""
    mine = figures.appointments_to_call(request.user).filter(request__patient__partnership=partnership)
    held = mine.select_related("request__site", "request__patient__partnership", "session__site", "session__scanner")
    appointment = get_object_or_404(held, pk=appointment_id)
    form, back = CallForm(request.POST), f"{_at('imaging:calls', partnership)}&{CallsForm(request.GET).query()}"
    if not form.is_valid():
        messages.error(request, "Choose what came of the call; nothing was kept.")
        return redirect(back)
    outcome = form.cleaned_data["outcome"]
    try:
        actions.record_call(appointment, outcome, form.cleaned_data["minutes"], by=request.user)
    except REFUSED as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    if outcome == Call.Outcome.MOVED:
        messages.success(request, 'The call is kept. Find the new time, and choose "the patient" as who moves it.')
        return redirect("imaging:find_slot", appointment.request_id)
    messages.success(request, "The call is kept.")
    return redirect(back)


@require_safe
@while_on
def trials(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """Did calling help?"""
    page = Paginator(figures.trials_of(partnership), ROWS_A_PAGE).get_page(request.GET.get("page"))
    results = [figures.trial_result(each, timezone.localdate()) for each in page]
    context = _common(request, partnership) | {"page": page, "results": results, "words": words}
    return render(request, "imaging/attendance/trials.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@while_on
def new_trial(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """What do we try, on whom, and for how long?"""
    form = TrialForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            begun = actions.start_trial(partnership, by=request.user, **form.trial())
        except rules.AttendanceRefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{begun} is set up. From its first day on, lists are drawn by lot.")
            return redirect(_at("imaging:trial", partnership, begun.pk))
    context = _common(request, partnership) | {"form": form, "sizes": figures.sizes(partnership)}
    return render(request, "imaging/attendance/new_trial.jinja", context)


@require_safe
@while_on
def trial(request: SignedInRequest, partnership: Partnership, trial_id: int) -> HttpResponse:
    """Did calling help, in one trial?"""
    return _trial(request, _of(partnership, trial_id), StopForm())


@require_POST
@while_on
def stop_trial(request: SignedInRequest, partnership: Partnership, trial_id: int) -> HttpResponse:
    """End a trial before its day."""
    asked, form = _of(partnership, trial_id), StopForm(request.POST)
    if not form.is_valid():
        return _trial(request, asked, form)
    try:
        actions.stop_trial(asked, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{asked} is stopped; nobody is left out any more.")
    except rules.AttendanceRefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect(_at("imaging:trial", partnership, asked.pk))


@require_safe
@while_on
def quality(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """How far can we trust the risk?"""
    model = figures.newest_model(partnership)
    context = _common(request, partnership) | {"model": model}
    if model is not None:
        context |= {"spec": charts.calibration(model.quality["tenths"]), "groups": figures.groups_of(model)}
        context["summary"] = words.trust(model.quality)
    return render(request, "imaging/attendance/quality.jinja", context)


@require_POST
@while_on
def work_out_risks(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """Train anew and judge the coming appointments, in the background."""
    try:
        actions.ask_for_risks(partnership, by=request.user)
        messages.success(request, "The risks are being worked out. That can take some minutes; come back then.")
    except rules.AttendanceRefusedError as refusal:
        messages.error(request, str(refusal))
    return redirect(_at("imaging:attendance_quality", partnership))


@require_http_methods(["GET", "HEAD", "POST"])
@for_partnership
def assessments(request: SignedInRequest, partnership: Partnership) -> HttpResponse:
    """May we predict who will not come?"""
    form = AssessmentForm(request.POST or None)
    if request.method == "POST":
        rules.check_can_manage(request.user, partnership)
        if form.is_valid():
            try:
                actions.record_assessment(partnership, by=request.user, **form.cleaned_data)
            except rules.AttendanceRefusedError as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "The assessment is recorded.")
                return redirect(_at("imaging:impact_assessments", partnership))
    standings = rules.standings(partnership, timezone.localdate())
    context = _common(request, partnership) | {
        "form": form, "standings": standings, "sentence": words.standing(partnership, standings),
    }  # fmt: skip
    return render(request, "imaging/attendance/assessments.jinja", context)


def _trial(request: SignedInRequest, asked: Trial, form: StopForm) -> HttpResponse:
    result = figures.trial_result(asked, timezone.localdate())
    context = _common(request, asked.partnership) | {"trial": asked, "result": result, "words": words, "form": form}
    if result.effect is not None:
        context["spec"] = charts.arms_picture(result.effect, words.done_to(result))
    return render(request, "imaging/attendance/trial.jinja", context)


def _of(partnership: Partnership, trial_id: int) -> Trial:
    return get_object_or_404(partnership.attendance_trials.select_related("partnership"), pk=trial_id)


def _at(name: str, partnership: Partnership, *arguments: int) -> str:
    return f"{reverse(name, args=arguments)}?group={partnership.slug}"


def _common(request: SignedInRequest, partnership: Partnership) -> dict[str, Any]:
    """Of every page: whose it is, the person's other partnerships, and whether they decide for all of it."""
    return {
        "partnership": partnership, "partnerships": list(rules.partnerships_of(request.user)),
        "may_manage": rules.can_manage(request.user, partnership), "here": request.path,
    }  # fmt: skip
