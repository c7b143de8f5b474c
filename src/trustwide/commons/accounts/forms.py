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


class TokenForm(forms.Form):
    """What a token is for, how long it works, and which sites it sees."""

    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        help_text="For example: monthly notebook.",
        error_messages={"required": "Enter what the token is for."},
    )
    days = forms.TypedChoiceField(
        label="How long should it work?", coerce=int, choices=[(30, "30 days"), (90, "90 days"), (365, "A year")]
    )
    sites = forms.CharField(
        label="Only these sites",
        required=False,
        max_length=400,
        help_text="Site codes with commas between them. Leave it empty for all that you may see.",
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visible = {site.code.upper(): site for site in Site.objects.for_user(user)}

    def clean_sites(self) -> list[Site] | None:
        """The sites that were named; None where the field is empty, which means every one."""
        codes = [code.strip() for code in self.cleaned_data["sites"].split(",") if code.strip()]
        unknown = [code for code in codes if code.upper() not in self.visible]
        if unknown:
            raise forms.ValidationError(
                f"There is no site {', '.join(unknown)} that you may see; the page of a site shows its code."
            )
        return [self.visible[code.upper()] for code in codes] or None


class AuditFilterForm(forms.Form):
    """Which events to show; all fields may stay empty."""

    actor = forms.CharField(label="Who", required=False, max_length=150)
    action = forms.CharField(label="What", required=False, max_length=80)
    site = forms.CharField(label="Site code", required=False, max_length=12)


def _place_label(place: Partnership | Partner | Site) -> str:
    kind = {Partnership: "whole partnership", Partner: "all sites of the partner", Site: "site"}[type(place)]
    return f"{place} ({kind})"
