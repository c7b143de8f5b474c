"""How sign-in bends django-allauth to our rules: nobody makes an account for themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render

from trustwide.commons.accounts.models import User
from trustwide.commons.audit.actions import record

# coming and going needs no message; the page itself shows it
SILENT_MESSAGES = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by e-mail address and password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The email address or the password is not right. Check both and try again.",
        "too_many_login_attempts": "There were too many wrong passwords. Wait five minutes, then try again.",
        "incorrect_password": "The password is not right. Try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if message_template not in SILENT_MESSAGES:
            super().add_message(request, level, message_template, *args, **kwargs)


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes from an authenticator app, and recovery codes."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "The code is not right. Wait for the next one in the app, then enter it.",
    }


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Sign-in through the organisation's own directory (OpenID Connect)."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Recognise a person by the address their organisation has verified; refuse everybody else with the reason."""
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(_refuse(request, "An account is linked by signing in with it, not from here."))
        if sociallogin.is_existing:
            return
        email = _verified_email(sociallogin)
        if not email:
            raise ImmediateHttpResponse(
                _refuse(request, "Your organisation did not vouch for your email address. Ask its IT service desk.")
            )
        if person := User.objects.filter(email__iexact=email).first():
            sociallogin.connect(request, person)
        elif not self.is_open_for_signup(request, sociallogin):
            sentence = f"There is no account for {email}. Ask your administrator to add you with this address."
            raise ImmediateHttpResponse(_refuse(request, sentence))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whether an account may be made on first sign-in: only for the domains a setting names."""
        return _verified_email(sociallogin).rpartition("@")[2] in settings.OIDC_DOMAINS

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        full_name = f"{data.get('first_name') or ''} {data.get('last_name') or ''}".strip()
        sociallogin.user.email = _verified_email(sociallogin)
        sociallogin.user.name = (data.get("name") or full_name)[:150]
        person: User = sociallogin.user
        return person

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        person: User = super().save_user(request, sociallogin, form)
        record("created an account", by=person, target=person, reason="first sign-in through the organisation")
        return person


def _verified_email(sociallogin: SocialLogin) -> str:
    addresses = [address.email for address in sociallogin.email_addresses if address.verified]
    return addresses[0].lower() if addresses else ""


def _refuse(request: HttpRequest, sentence: str) -> Any:
    return render(request, "accounts/sign_in_refused.jinja", {"sentence": sentence}, status=403)
