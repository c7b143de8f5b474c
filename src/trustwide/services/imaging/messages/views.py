"""What did patients answer? Which freed times are on offer?"""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from trustwide.commons.accounts.rules import SignedInRequest, can, permission_required
from trustwide.services.imaging.messages import figures, rules
from trustwide.services.imaging.messages.replies import handle_reply

ROWS_A_PAGE = 25


@require_safe
@permission_required("view_bookings")
def replies(request: SignedInRequest) -> HttpResponse:
    """What did patients answer?"""
    found = Paginator(figures.to_handle(request.user), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "replies": found, "may_handle": can(request.user, "make_bookings"), "leaves_here": rules.leaves_here()
    }  # fmt: skip
    return render(request, "imaging/messages/replies.jinja", context)


@require_POST
@permission_required("make_bookings")
def handled(request: SignedInRequest, reply_id: int) -> HttpResponse:
    """An answer has been dealt with."""
    reply = get_object_or_404(figures.replies_for(request.user, "make_bookings"), pk=reply_id)
    handle_reply(reply, by=request.user)
    messages.success(request, "The answer is marked as done.")
    return redirect("imaging:replies")


@require_safe
@permission_required("view_bookings")
def freed(request: SignedInRequest) -> HttpResponse:
    """Which freed times are on offer?"""
    found = Paginator(figures.freed_times(request.user), ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "imaging/messages/freed.jinja", {"times": found, "leaves_here": rules.leaves_here()})
