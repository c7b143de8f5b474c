"""Who is told of new signals by e-mail: each person for themselves."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.measures.definition import measures
from trustwide.commons.measures.signals.actions import subscribe, unsubscribe
from trustwide.commons.measures.signals.figures import breakdown_name
from trustwide.commons.measures.signals.forms import SubscribeForm, breakdown_choices
from trustwide.commons.measures.signals.models import SignalSubscription
from trustwide.commons.organisations.models import Site


@dataclass(frozen=True)
class SubscriptionRow:
    """A subscription with the names people know its measure by."""

    subscription: SignalSubscription
    what: str
    where: str


@require_safe
@permission_required("view_measures")
def signal_subscriptions(request: SignedInRequest) -> HttpResponse:
    """Of what am I told?"""
    known = {each.code: each for each in measures()}
    rows = []
    for each in SignalSubscription.objects.for_user(request.user).select_related("site"):
        what = known[each.measure].title if each.measure in known else each.measure or "Every measure"
        if each.breakdown and each.measure in known:
            what = f"{what}: {breakdown_name(known[each.measure], each.breakdown)}"
        rows.append(
            SubscriptionRow(each, what, each.site.name if each.site else "Every site of our group that you may see")
        )
    return render(request, "measures/signals/subscriptions.jinja", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_measures")
def subscribe_to_signals(request: SignedInRequest) -> HttpResponse:
    """Of what does this person want to be told? The address may name a measure, a breakdown, a site, a verdict."""
    given = request.POST if request.method == "POST" else _begin(request.GET)
    sites = list(Site.objects.for_user(request.user).of_the_group().values_list("code", "short_name"))
    named, code = str(given.get("site", "")), str(given.get("measure", ""))
    if named and named not in dict(sites):  # a provider in public data, where the address names one
        sites += list(Site.objects.for_user(request.user).filter(code=named).values_list("code", "short_name"))
    form = SubscribeForm(request.user, sites, code, request.POST if request.method == "POST" else None, initial=given)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        subscribe(
            request.user, code=asked["measure"], site=asked["site"], breakdown=asked.get("breakdown", ""),
            only_concerns=asked["only_concerns"],
        )  # fmt: skip
        messages.success(request, "You are told of new signals by e-mail from now on.")
        return redirect("signal_subscriptions")
    return render(request, "measures/signals/subscribe.jinja", {"form": form})


@require_POST
@permission_required("view_measures")
def end_subscription(request: SignedInRequest, subscription_id: int) -> HttpResponse:
    """Be told no more."""
    mine = SignalSubscription.objects.for_user(request.user)
    unsubscribe(get_object_or_404(mine, pk=subscription_id), by=request.user)
    messages.success(request, "You are not told of these any more.")
    return redirect("signal_subscriptions")


def _begin(address: QueryDict) -> dict[str, object]:
    """What the filters of the list, or a chart, ask to be told of; a breakdown only of its own measure."""
    code, breakdown = address.get("measure", ""), address.get("breakdown", "")
    named = breakdown in dict(breakdown_choices(code))
    return {
        "measure": code,
        "breakdown": breakdown if named else "",
        "site": address.get("site", ""),
        "only_concerns": address.get("verdict", "") == "concern",
    }
