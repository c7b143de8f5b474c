"""Where do people queue? Layouts of departments, each with a day shown on its plan, and two compared."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from trustwide.analysis.capacity import ServiceError
from trustwide.commons.accounts.rules import SignedInRequest, can, check_can, permission_required, sites_where
from trustwide.commons.nhsuk.downloads import attachment
from trustwide.services.imaging.flow import actions
from trustwide.services.imaging.flow.figures import floor_page
from trustwide.services.imaging.flow.forms import LayoutForm
from trustwide.services.imaging.flow.models import DepartmentLayout
from trustwide.services.imaging.flow.rules import can_change_layout
from trustwide.services.imaging.plan_models import plan_id

LAYOUTS_A_PAGE = 25


@require_safe
@permission_required("view_plans")
def floors(request: SignedInRequest) -> HttpResponse:
    """Which layouts are there?"""
    found = DepartmentLayout.objects.for_user(request.user).in_use().light()
    page = Paginator(found, LAYOUTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"layouts": page, "may_make": can(request.user, "make_plans")}
    return render(request, "imaging/flow/floors.jinja", context)


@require_safe
@permission_required("view_plans")
def floor(request: SignedInRequest, layout_id: int) -> HttpResponse:
    """Where do people queue?"""
    layout = _layout(request, layout_id)
    same_patients = {"site": layout.site, "seed": layout.seed, "replications": layout.replications}
    others = DepartmentLayout.objects.for_user(request.user).in_use().filter(**same_patients).exclude(pk=layout.pk)
    other = others.filter(pk=plan_id(request.GET.get("with", ""))).first()
    context = {
        "page": floor_page(layout, other), "site": layout.site, "others": others.light(),
        "may_change": can_change_layout(request.user, layout),
    }  # fmt: skip
    return render(request, "imaging/flow/floor.jinja", context)


@require_safe
@permission_required("view_plans")
def floor_file(request: SignedInRequest, layout_id: int) -> HttpResponse:
    """The file of a layout, as trustwide flow takes it."""
    layout = _layout(request, layout_id)
    name = f"{slugify(layout.name) or 'department'}.yaml"
    return HttpResponse(layout.text, content_type="application/yaml", headers=attachment(name))


@permission_required("view_plans")
def draw_floor(request: SignedInRequest) -> HttpResponse:
    """Add a layout, from a file or from the text of another."""
    check_can(request.user, "make_plans")
    start = DepartmentLayout.objects.for_user(request.user).filter(pk=plan_id(request.GET.get("from", ""))).first()
    initial = {"text": start.text, "site": start.site.code} if start else {}
    sites = list(sites_where(request.user, "make_plans").of_the_group())
    form = LayoutForm(sites, request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            layout = actions.add_layout(form.chosen_site, form.cleaned_data["text"], by=request.user)
        except ServiceError as error:
            form.take_problems(error.problems)
        else:
            messages.success(request, f"{layout} is kept.")
            return redirect("imaging:floor", layout.pk)
    return render(request, "imaging/flow/draw.jinja", {"form": form})


@require_POST
@permission_required("view_plans")
def archive_floor(request: SignedInRequest, layout_id: int) -> HttpResponse:
    """Put a layout away."""
    layout = _layout(request, layout_id)
    actions.archive_layout(layout, by=request.user)
    messages.success(request, f"{layout} is put away.")
    return redirect("imaging:floors")


def _layout(request: SignedInRequest, layout_id: int) -> DepartmentLayout:
    layouts = DepartmentLayout.objects.for_user(request.user).in_use().select_related("site")
    found: DepartmentLayout = get_object_or_404(layouts, pk=layout_id)
    return found
