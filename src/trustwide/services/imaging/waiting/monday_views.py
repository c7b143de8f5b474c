"""Did we keep up last week? The page, and its picture of the weeks ahead."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required, sites_where
from trustwide.services.imaging.plan_charts import AS_USUAL, CHOSEN, Spec, frame
from trustwide.services.imaging.waiting.forms import WeekForm
from trustwide.services.imaging.waiting.monday_figures import Monday, monday_page

BOOKED, STILL_FREE = "Booked", "Free"
A_WEEK = datetime.timedelta(weeks=1)


@require_safe
@permission_required("view_bookings")
def waiting_monday(request: SignedInRequest) -> HttpResponse:
    """Did we keep up last week?"""
    sites = list(sites_where(request.user, "view_bookings").of_the_group())
    today = timezone.localdate()
    address = request.GET.copy()
    address.setdefault("week", (today - A_WEEK - datetime.timedelta(days=today.weekday())).isoformat())
    form = WeekForm(sites, address)
    monday = form.monday(today)
    places = {name: form.cleaned_data.get(name, "") for name in ("site", "test")}
    page = monday_page(request.user, sites, monday, **places)
    context: dict[str, Any] = {
        "page": page, "form": form, "before": monday - A_WEEK, "after": monday + A_WEEK, "places": places,
        "chart": ahead_chart(page) if page.total else None,
    }  # fmt: skip
    return render(request, "imaging/waiting/monday.jinja", context)


def ahead_chart(page: Monday) -> Spec:
    """Hours booked and free in each of the weeks ahead, one on the other."""
    ahead = page.total.ahead if page.total else []
    rows = [
        {"week": f"{first.day} {first:%b}", "place": place, "kind": kind, "hours": round(hours, 1)}
        for place, (first, (opened, booked)) in enumerate(zip(page.weeks, ahead, strict=True))
        for kind, hours in ((BOOKED, booked), (STILL_FREE, opened - booked))
    ]
    colour = {"domain": [BOOKED, STILL_FREE], "range": [CHOSEN, "#b5bfc6"]}
    return {
        **frame("Hours of scanners", 190),
        "data": {"values": rows},
        "mark": {"type": "bar", "tooltip": True, "stroke": AS_USUAL, "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "week", "type": "ordinal", "sort": {"field": "place"}, "title": "Week of",
                  "axis": {"labelAngle": 0}},
            "y": {"field": "hours", "type": "quantitative", "title": "Hours", "stack": "zero"},
            "order": {"field": "kind", "sort": "ascending"},
            "color": {"field": "kind", "type": "nominal", "scale": colour, "legend": {"title": None, "orient": "top"}},
        },
    }  # fmt: skip
