"""One's own account, the people of the group, and the audit record."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account import views as account
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from trustwide.commons.accounts import actions
from trustwide.commons.accounts.actions import make_password_link, remove_member, remove_two_step
from trustwide.commons.accounts.figures import manageable_memberships, visible_audit_events
from trustwide.commons.accounts.forms import AuditFilterForm, GiveRoleForm, ReasonForm
from trustwide.commons.accounts.models import AccessToken, User
from trustwide.commons.accounts.rules import (
    NotAllowedError,
    SignedInRequest,
    can_look_after,
    check_can_look_after,
    permission_required,
)
from trustwide.commons.audit.actions import first_broken_link

EVENTS_A_PAGE = 50


@require_safe
def my_account(request: SignedInRequest) -> HttpResponse:
    """Who am I here?"""
    context = {
        "memberships": request.user.memberships.select_related("partnership", "partner", "site"),
        "has_two_step": is_mfa_enabled(request.user),
    }
    return render(request, "accounts/my_account.jinja", context)


def change_password(request: SignedInRequest) -> HttpResponse:
    """For those who sign in with a password; the others change it where they have it."""
    if not request.user.has_usable_password():
        raise NotAllowedError("You sign in through your organisation, so your password is changed there.")
    response: HttpResponse = account.password_change(request)
    return response


@require_safe
@permission_required("manage_people")
def people(request: SignedInRequest) -> HttpResponse:
    """Who may do what, where?"""
    memberships = manageable_memberships(request.user).order_by("user__name", "user__email", "role")
    context = {"memberships": memberships, "people": memberships.values("user").distinct().count()}
    return render(request, "accounts/people.jinja", context)


@permission_required("manage_people")
def give_role(request: SignedInRequest) -> HttpResponse:
    """Give a role to somebody, new or known."""
    form = GiveRoleForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        membership = actions.give_role(
            wanted["email"], wanted["name"], wanted["role"], form.place(), by=request.user, reason=wanted["reason"]
        )
        messages.success(request, f"{membership.user} now has the role.")
        return redirect("person", membership.user_id)
    return render(request, "accounts/give_role.jinja", {"form": form})


@require_safe
@permission_required("manage_people")
def person(request: SignedInRequest, person_id: int) -> HttpResponse:
    """What may this person do, and how do they sign in?"""
    who = _manageable_person(request, person_id)
    context = {
        "person": who,
        "memberships": manageable_memberships(request.user).filter(user=who),
        "has_two_step": is_mfa_enabled(who),
        "can_look_after": can_look_after(request.user, who),
        "tokens": AccessToken.objects.in_force(timezone.now()).filter(user=who),
    }
    return render(request, "accounts/person.jinja", context)


@permission_required("manage_people")
def take_role(request: SignedInRequest, membership_id: int) -> HttpResponse:
    """Take a role away, with the reason."""
    membership = get_object_or_404(manageable_memberships(request.user), pk=membership_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        remove_member(membership, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{membership.user} no longer has the role.")
        return redirect("people")
    return render(request, "accounts/take_role.jinja", {"membership": membership, "form": form})


@permission_required("manage_people")
def password_link(request: SignedInRequest, person_id: int) -> HttpResponse:
    """A link by which a person sets a new password, shown once to the administrator who passes it on."""
    who = _manageable_person(request, person_id)
    check_can_look_after(request.user, who)
    form, link = ReasonForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        path = make_password_link(who, by=request.user, reason=form.cleaned_data["reason"])
        link = request.build_absolute_uri(path)
    return render(request, "accounts/password_link.jinja", {"person": who, "form": form, "link": link})


@permission_required("manage_people")
def forget_two_step(request: SignedInRequest, person_id: int) -> HttpResponse:
    """For somebody who lost their phone and their recovery codes."""
    who = _manageable_person(request, person_id)
    check_can_look_after(request.user, who)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        remove_two_step(who, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"{who} now signs in without a code, until they set it up again.")
        return redirect("person", who.pk)
    return render(request, "accounts/forget_two_step.jinja", {"person": who, "form": form})


@require_safe
@permission_required("view_audit")
def audit_list(request: SignedInRequest) -> HttpResponse:
    """Who did what, when and why?"""
    form = AuditFilterForm(request.GET)
    asked = {name: value for name, value in (form.cleaned_data if form.is_valid() else {}).items() if value}
    lookups = {"actor": "actor_name__icontains", "action": "action__icontains", "site": "site_code__iexact"}
    events = visible_audit_events(request.user).filter(**{lookups[name]: value for name, value in asked.items()})
    context = {
        "form": form,
        "events": Paginator(events.order_by("-sequence"), EVENTS_A_PAGE).get_page(request.GET.get("page")),
        "query": f"{urlencode(asked)}&" if asked else "",
        "checked": "check" in request.GET,
    }
    if context["checked"]:
        context["broken"] = first_broken_link()
    return render(request, "accounts/audit_list.jinja", context)


def _manageable_person(request: SignedInRequest, person_id: int) -> User:
    known = User.objects.filter(pk__in=manageable_memberships(request.user).values("user"))
    return get_object_or_404(known, pk=person_id)
