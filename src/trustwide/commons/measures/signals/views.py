"""What changed? The list of signals and its files, and what is done to many of them at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, people_where, permission_required
from trustwide.commons.measures import icons
from trustwide.commons.measures.signals import assigning, exports, words
from trustwide.commons.measures.signals.columns import FIXED
from trustwide.commons.measures.signals.figures import signal_rows, signals_for
from trustwide.commons.measures.signals.forms import AssignForm, FilterForm, SnoozeForm
from trustwide.commons.measures.signals.pages import ROWS_OF_AN_EXPORT, list_page, read
from trustwide.commons.measures.signals.rollup import rolled_up
from trustwide.commons.nhsuk.fields import Component, component

SHOWN_REASONS = 5


@require_safe
@permission_required("view_measures")
def signals(request: SignedInRequest) -> HttpResponse:
    """What changed?"""
    return _list(request, "")


@require_safe
@permission_required("view_measures")
def signals_csv(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as CSV."""
    return exports.as_csv(list_page(request.user, request.GET, ROWS_OF_AN_EXPORT))


@require_safe
@permission_required("view_measures")
def signals_xlsx(request: SignedInRequest) -> HttpResponse:
    """The list as it is filtered, all its pages, as a workbook."""
    return exports.as_workbook(list_page(request.user, request.GET, ROWS_OF_AN_EXPORT))


@require_safe
@permission_required("view_measures")
def signals_rolled_up(request: SignedInRequest) -> HttpResponse:
    """What changed, seen from further away: one line a measure and direction."""
    page = list_page(request.user, request.GET)
    context = {
        "page": page, "form": page.form, "fields": _fields(page.form), "words": words,
        "lines": rolled_up(request.user, page.asked.filters), "variation": icons.variation,
    }  # fmt: skip
    return render(request, "measures/signals/rolled_up.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def signals_bulk(request: SignedInRequest) -> HttpResponse:
    """Do something to many signals: first what would happen to how many; then, once sure, do it."""
    if request.method != "POST":
        return redirect("signals")
    act, ids, back = request.POST.get("act", ""), _ids(request), request.POST.get("asked", "")
    if act not in assigning.ACTS or not ids:
        return _list(request, "Tick the signals first, or all that match, then choose what to do with them.")
    seen = assigning.chosen_signals(ids, request.user)
    sure = request.POST if request.POST.get("sure") else None
    form: AssignForm | SnoozeForm = SnoozeForm(sure)
    if act == assigning.ASSIGN:
        form = AssignForm(people_where("act_on_signals", *{signal.site for signal in seen}), sure)
    if sure and form.is_valid():
        outcome = assigning.carry_out(ids, act, form.cleaned_data, by=request.user)
        _tell(request, act, outcome)
        return redirect(f"{reverse('signals')}?{read(request.user, QueryDict(back))[1].query()}")
    context = {
        "act": act, "acts": assigning.ACTS, "form": form, "outcome": assigning.preview(ids, request.user), "back": back,
        "ids": ",".join(map(str, ids)), "seen": signal_rows(seen, request.user),
    }  # fmt: skip
    return render(request, "measures/signals/bulk.jinja", context)


def _tell(request: SignedInRequest, act: str, outcome: assigning.Outcome) -> None:
    """What became of it, on the next page."""
    if outcome.done:
        done = "1 signal" if outcome.done == 1 else f"{outcome.done:,} signals"
        messages.success(request, f"{assigning.ACTS[act][0]}: done for {done}.")
    for why, number in outcome.reasons[:SHOWN_REASONS]:
        messages.warning(request, f"{number:,} left as they were: {why}" if number > 1 else f"1 left as it was: {why}")


def _ids(request: SignedInRequest) -> list[int]:
    """The signals meant: those named, those ticked, or all that the address of the list asks for."""
    given = request.POST
    if given.get("all"):
        _, asked = read(request.user, QueryDict(given.get("asked", "")))
        return list(signals_for(request.user, asked.filters).values_list("pk", flat=True)[: assigning.MOST])
    named = given.get("ids", "").split(",") if given.get("ids") else given.getlist("signal")
    return [int(one) for one in named[: assigning.MOST] if one.isdecimal() and len(one) < 16]


def _list(request: SignedInRequest, problem: str) -> HttpResponse:
    address = request.GET if request.method != "POST" else QueryDict(request.POST.get("asked", ""))
    page = list_page(request.user, address)
    context = {
        "page": page, "form": page.form, "fields": _fields(page.form), "problem": problem, "fixed": FIXED,
        "words": words, "variation": icons.variation, "acts": assigning.ACTS, "most": assigning.MOST,
        "may_act": can(request.user, "act_on_signals") and page.asked.filters.state != "closed",
    }  # fmt: skip
    return render(request, "measures/signals/list.jinja", context)


def _fields(form: FilterForm) -> dict[str, Component]:
    made = {name: component(form[name]) for name in form.fields}
    for name in ("mine", "columns"):
        made[name].params["classes"] = "nhsuk-checkboxes--small"
    return made
