"""Start from today: a service described from this week's list, sessions and rates."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from trustwide.analysis.capacity import ServiceError
from trustwide.commons.accounts.rules import SignedInRequest, check_can, permission_required
from trustwide.services.imaging.capacity.live.actions import start_from_today
from trustwide.services.imaging.capacity.live.forms import FromLiveForm
from trustwide.services.imaging.capacity.live.scope import LEAST, WEEKS, NothingLiveError
from trustwide.services.imaging.capacity.views import sites_kept


@permission_required("view_plans")
def service_from_live(request: SignedInRequest) -> HttpResponse:
    """Describe a service from today's list, sessions and rates."""
    check_can(request.user, "make_plans")
    form = FromLiveForm(sites_kept(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = start_from_today(form.site, form.cleaned_data["modality"], by=request.user)
        except NothingLiveError as error:
            form.add_error("modality", str(error))
        except ServiceError as error:
            for problem in error.problems:
                form.add_error(None, f"What is recorded cannot be run yet. {problem}")
        else:
            messages.success(request, f"{made} is described. Each part says where its figures come from.")
            return redirect("imaging:service", made.pk)
    return render(request, "imaging/capacity/from_live.jinja", {"form": form, "weeks": WEEKS, "least": LEAST})
