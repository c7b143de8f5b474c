"""What did we bring in, and what do its codes mean? Files are uploaded in `trustwide.exchange.activity`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, permission_required
from trustwide.commons.organisations.models import Partnership
from trustwide.services.imaging.activity.actions import save_codes
from trustwide.services.imaging.activity.figures import code_lines
from trustwide.services.imaging.activity.models import ActivityImport, CodeMapping
from trustwide.services.imaging.activity.rules import ActivityError, partnerships_for
from trustwide.services.imaging.plan_words import count

IMPORTS_A_PAGE = 25
CODES_A_PAGE = 50
ID = r"[0-9]{1,18}"  # what a database can look up


@require_safe
@permission_required("import_activity")
def activity_imports(request: SignedInRequest) -> HttpResponse:
    """What did we bring in?"""
    kept = ActivityImport.objects.for_user(request.user).select_related("partnership")
    waiting = CodeMapping.objects.for_user(request.user).filter(meaning="", rows__gt=0).order_by("partnership__name")
    unmapped = waiting.values("partnership__slug", "partnership__name").annotate(codes=Count("pk"))
    context = {
        "imports": Paginator(kept, IMPORTS_A_PAGE).get_page(request.GET.get("page")),
        "newest": kept.first(), "unmapped": list(unmapped), "partnerships": partnerships_for(request.user),
    }  # fmt: skip
    return render(request, "imaging/activity/imports.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("import_activity")
def map_codes(request: SignedInRequest, partnership: str) -> HttpResponse:
    """What do these codes mean?"""
    ours = Partnership.objects.filter(pk__in=[each.pk for each in partnerships_for(request.user)])
    group: Partnership = get_object_or_404(ours, slug=partnership)
    everything = request.GET.get("show") == "all"
    problem = ""
    if request.method == "POST":
        try:
            changed = save_codes(group, _said(request), by=request.user)
        except ActivityError as error:
            problem = str(error)
        else:
            codes = count(changed, "code").capitalize()
            messages.success(request, f"{codes} mapped. Upload the file again; rows that wait for a code land then.")
            return redirect("imaging:map_codes", group.slug)
    rows = CodeMapping.objects.filter(partnership=group)
    open_rows = rows.filter(meaning="")
    shown = (rows if everything else open_rows).order_by("system", "kind", "-rows", "local_code")
    page = Paginator(shown, CODES_A_PAGE).get_page(request.GET.get("page"))
    lines = code_lines(group, cast("Iterable[CodeMapping]", page))
    context = {
        "group": group, "page": page, "lines": lines, "problem": problem, "everything": everything,
        "open_codes": open_rows.count(),
    }  # fmt: skip
    return render(request, "imaging/activity/codes.jinja", context)


def _said(request: SignedInRequest) -> dict[int, str]:
    """id of a code's row -> what was chosen for it."""
    prefix = "code-"
    pairs = ((name.removeprefix(prefix), value) for name, value in request.POST.items() if name.startswith(prefix))
    return {int(number): str(value) for number, value in pairs if re.fullmatch(ID, number)}
