"""One's own access tokens, for notebooks and other programs."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from trustwide.commons.accounts import actions
from trustwide.commons.accounts.exceptions import TokenError
from trustwide.commons.accounts.forms import TokenForm
from trustwide.commons.accounts.models import AccessToken
from trustwide.commons.accounts.rules import SignedInRequest, can_revoke_token, permission_required


@require_safe
def my_tokens(request: SignedInRequest) -> HttpResponse:
    """Which programs read in my name?"""
    mine = AccessToken.objects.filter(user=request.user).prefetch_related("sites")
    return render(request, "accounts/my_tokens.jinja", {"tokens": mine, "now": timezone.now()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("view_measures")
@reauthentication_required  # type: ignore[untyped-decorator]  # as for two-step sign-in: an open screen is not enough
def make_token(request: SignedInRequest) -> HttpResponse:
    """A new token; its key is shown once, in the answer."""
    form, context = TokenForm(request.user, request.POST or None), {}
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            token, key = actions.make_token(wanted["name"], days=wanted["days"], sites=wanted["sites"], by=request.user)
        except TokenError as refusal:
            form.add_error(None, str(refusal))
        else:
            context = {"token": token, "key": key}
    return render(request, "accounts/make_token.jinja", {"form": form, **context})


@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: SignedInRequest, token_id: int) -> HttpResponse:
    """End a token of one's own, or of somebody one looks after."""
    token = get_object_or_404(AccessToken.objects.filter(revoked_at=None).select_related("user"), pk=token_id)
    if not can_revoke_token(request.user, token):
        raise Http404
    if request.method == "POST":
        actions.revoke_token(token, by=request.user)
        messages.success(request, f"{token} no longer works.")
        return redirect("my_tokens") if token.user == request.user else redirect("person", token.user_id)
    return render(request, "accounts/revoke_token.jinja", {"token": token})
