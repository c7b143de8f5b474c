"""Forms for signing in, people and the audit record."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms

from trustwide.commons.accounts.figures import places_to_give_roles_at
from trustwide.commons.accounts.models import Membership, User
from trustwide.commons.organisations.models import Partner, Partnership, Site

REASON = "Why? This is kept in the audit record."


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = "Email address"
        self.fields["login"].error_messages = {"required": "Enter your email address."}
        self.fields["password"].error_messages = {"required": "Enter your password."}
        self.fields["password"].help_text = ""


class GiveRoleForm(forms.Form):
    """Which role for whom, and where. The places offered are those the administrator looks after."""

    email = forms.EmailField(label="Email address")
    name = forms.CharField(label="Name", max_length=150, required=False, help_text="Only for somebody new.")
    role = forms.ChoiceField(label="Role", choices=Membership.Role.choices)
    where = forms.ChoiceField(label="Where")
    reason = forms.CharField(label="Reason", max_length=300, help_text=REASON)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {f"{place._meta.model_name}:{place.pk}": place for place in places_to_give_roles_at(user)}
        field = self.fields["where"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(key, _place_label(place)) for key, place in self.places.items()]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        email = cleaned.get("email")
        if email and not cleaned.get("name") and not self.person(email):
            self.add_error("name", f"Enter the name of {email}: they have no account yet.")
        return cleaned

    @staticmethod
    def person(email: str) -> User | None:
        """Whoever has this address already."""
        return User.objects.filter(email__iexact=email).first()

    def place(self) -> Partnership | Partner | Site:
        """The place that was chosen."""
        return self.places[self.cleaned_data["where"]]


class ReasonForm(forms.Form):
    """Nothing but why."""

    reason = forms.CharField(label="Reason", max_length=300, help_text=REASON)


class AuditFilterForm(forms.Form):
    """Which events to show; all fields may stay empty."""

    actor = forms.CharField(label="Who", required=False, max_length=150)
    action = forms.CharField(label="What", required=False, max_length=80)
    site = forms.CharField(label="Site code", required=False, max_length=12)


def _place_label(place: Partnership | Partner | Site) -> str:
    kind = {Partnership: "whole partnership", Partner: "all sites of the partner", Site: "site"}[type(place)]
    return f"{place} ({kind})"
