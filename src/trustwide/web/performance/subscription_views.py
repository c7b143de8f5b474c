"""Who is sent the report: each person for themselves, and all in one page for those who manage people."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.figures import manageable_memberships
from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.models import SignalSubscription
from trustwide.commons.measures.performance.scope import scopes_for
from trustwide.web.performance.actions import end_report_subscription, subscribe_to_report
from trustwide.web.performance.forms import ReportSubscriptionForm
from trustwide.web.performance.models import ReportSubscription

PLACES = ("owner", "partnership", "partner", "site")


@require_safe
@permission_required("view_measures")
def report_subscriptions(request: SignedInRequest) -> HttpResponse:
    """Which reports am I sent?"""
    mine = ReportSubscription.objects.for_user(request.user).select_related(*PLACES)
    context = {"mine": mine, "may_manage": can(request.user, "manage_people")}
    return render(request, "web/performance/subscriptions.jinja", context)


@require_safe
@permission_required("manage_people")
def all_subscriptions(request: SignedInRequest) -> HttpResponse:
    """Who is sent what? Everybody whose roles this person manages, with reports and signals."""
    people = manageable_memberships(request.user).values("user")
    titles = {each.code: each.title for each in measures()}
    context = {
        "reports": ReportSubscription.objects.filter(owner__in=people).select_related(*PLACES).order_by(
            "owner__name", "owner__email", "day"
        ),
        "signals": SignalSubscription.objects.filter(user__in=people).select_related("user", "site").order_by(
            "user__name", "user__email", "measure"
        ),
        "titles": titles, "may_manage": True,
    }  # fmt: skip
    return render(request, "web/performance/all_subscriptions.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_measures")
def subscribe_report(request: SignedInRequest) -> HttpResponse:
    """Which report do you want each month?"""
    scopes = scopes_for(request.user)
    given = {"scope": request.GET.get("scope", ""), "day": 1, "format": ReportSubscription.Format.PDF}
    form = ReportSubscriptionForm(scopes, request.POST or None, initial=given)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        scope = next(each for each in scopes if each.key == asked["scope"])
        made = subscribe_to_report(scope, day=asked["day"], format_=asked["format"], by=request.user)
        messages.success(request, f"The report of {made.where} is sent to you on day {made.day} of each month.")
        return redirect("report_subscriptions")
    return render(request, "web/performance/subscribe.jinja", {"form": form})


@require_POST
@permission_required("view_measures")
def end_report(request: SignedInRequest, subscription_id: int) -> HttpResponse:
    """Stop sending it; the owner may, and whoever looks after the owner's roles."""
    own = ReportSubscription.objects.for_user(request.user)
    if can(request.user, "manage_people"):
        managed = manageable_memberships(request.user).values("user")
        own = own | ReportSubscription.objects.filter(owner__in=managed)
    subscription = get_object_or_404(own, pk=subscription_id)
    where, mine = str(subscription.where), subscription.owner == request.user
    end_report_subscription(subscription, by=request.user)
    messages.success(request, f"The report of {where} is no longer sent.")
    return redirect("report_subscriptions" if mine else "all_subscriptions")
