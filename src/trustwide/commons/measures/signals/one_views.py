"""One signal: what is known about it, what people did, and what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, people_where, permission_required
from trustwide.commons.measures import icons
from trustwide.commons.measures.chart_pages import chart_page
from trustwide.commons.measures.exceptions import SignalError, UnknownMeasureError
from trustwide.commons.measures.performance.protection import for_reader
from trustwide.commons.measures.signals import actions, words
from trustwide.commons.measures.signals.explanation import closing_mark, explanation
from trustwide.commons.measures.signals.figures import SignalRow, signal_rows
from trustwide.commons.measures.signals.forms import AssignForm, NoteForm, SnoozeForm
from trustwide.commons.measures.signals.links import project_links
from trustwide.commons.measures.signals.models import Signal
from trustwide.commons.measures.signals.rules import can_act_on, check_can_act_on


@require_safe
@permission_required("view_measures")
def signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """What is known about this change?"""
    row = _row(request, signal_id)
    try:
        page = chart_page(row.signal.measure, row.signal.site, row.signal.breakdown)
    except UnknownMeasureError:  # a breakdown that is no longer returned
        raise Http404 from None
    chart = for_reader(page, request.user)
    context = _context(row) | {
        "explanation": explanation(row.signal, request.user),
        # what is to come would take the height that what came needs
        "spec": replace(chart, forecast=()).small_picture() if chart.is_drawn else None,
        "mark": closing_mark(row.signal, chart),
        "doubts": chart.doubts(),
        "acts": row.signal.acts.select_related("assignee"),
        "may_act": can_act_on(request.user, row.signal) and row.signal.closed is None,
        "links": project_links(row.signal, request.user),
        "variation": icons.variation,
    }
    return render(request, "measures/signals/signal.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def snooze_signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """Until when is it put off, and why?"""
    row, form = _row_to_act_on(request, signal_id), SnoozeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
        actions.snooze_signal(row.signal, until=until, reason=reason, by=request.user)
        messages.success(request, f"It is put off until {until.day} {until:%B %Y}.")
        return redirect("signal", signal_id)
    return _form_page(request, row, form, "Until when is it put off, and why?", "Put it off")


@require_POST
@permission_required("act_on_signals")
def wake_signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """Take it up again before its day."""
    row = _row_to_act_on(request, signal_id)
    actions.wake_signal(row.signal, by=request.user)
    messages.success(request, "It is taken up again and stands in the list.")
    return redirect("signal", signal_id)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def assign_signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """Who sees to it?"""
    row = _row_to_act_on(request, signal_id)
    form = AssignForm(people_where("act_on_signals", row.signal.site), request.POST or None)
    if request.method == "POST" and form.is_valid():
        to, reason = form.cleaned_data["person"], form.cleaned_data["reason"]
        try:
            actions.assign_signal(row.signal, to=to, reason=reason, by=request.user)
        except SignalError as refusal:  # their role was taken since the page was drawn
            form.add_error("person", str(refusal))
        else:
            messages.success(request, f"It is assigned to {to}.")
            return redirect("signal", signal_id)
    return _form_page(request, row, form, "Who sees to it?", "Assign it")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("act_on_signals")
def note_on_signal(request: SignedInRequest, signal_id: int) -> HttpResponse:
    """What was found out?"""
    row, form = _row_to_act_on(request, signal_id), NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.note_on_signal(row.signal, text=form.cleaned_data["text"], by=request.user)
        messages.success(request, "The note is kept below the signal.")
        return redirect("signal", signal_id)
    return _form_page(request, row, form, "What was found out?", "Write the note")


def _form_page(request: SignedInRequest, row: SignalRow, form: Form, title: str, send: str) -> HttpResponse:
    context = _context(row) | {"form": form, "title": title, "send": send}
    return render(request, "measures/signals/act.jinja", context)


def _row(request: SignedInRequest, signal_id: int) -> SignalRow:
    visible = Signal.objects.for_user(request.user).select_related("site__partner__partnership", "assigned_to")
    rows = signal_rows([get_object_or_404(visible, pk=signal_id)], request.user)
    if not rows:  # its measure no longer exists
        raise Http404
    return rows[0]


def _row_to_act_on(request: SignedInRequest, signal_id: int) -> SignalRow:
    row = _row(request, signal_id)
    check_can_act_on(request.user, row.signal)
    if row.signal.closed is not None:  # a signal that closed stays as it was
        raise Http404
    return row


def _context(row: SignalRow) -> dict[str, Any]:
    until = row.signal.snoozed_until
    return {
        "row": row, "signal": row.signal, "site": row.signal.site, "words": words,
        "put_off": until is not None and until > timezone.localdate(),
    }  # fmt: skip
