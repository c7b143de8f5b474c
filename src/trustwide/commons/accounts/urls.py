"""Signing in, one's own account, the people of the group, and the audit record.

The pages of django-allauth are named one by one, so that those left out (making an account for oneself, for example)
do not exist.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as two_step
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.urls import path

from trustwide.commons.accounts import token_views, views

urlpatterns = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", views.change_password, name="account_change_password"),
    path(
        "password/set/<str:uidb36>/<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/set/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("two-step/", two_step.index, name="mfa_index"),
    path("two-step/code/", two_step.authenticate, name="mfa_authenticate"),
    path("two-step/confirm/", two_step.reauthenticate, name="mfa_reauthenticate"),
    path("two-step/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("two-step/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("two-step/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("two-step/recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("two-step/recovery-codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("<str:provider_id>/sign-in/", oidc.login, name="openid_connect_login"),
    path("<str:provider_id>/sign-in/callback/", oidc.callback, name="openid_connect_callback"),
    path("organisation/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("me/", views.my_account, name="my_account"),
    path("me/tokens/", token_views.my_tokens, name="my_tokens"),
    path("me/tokens/new/", token_views.make_token, name="make_token"),
    path("me/tokens/<int:token_id>/revoke/", token_views.revoke_token, name="revoke_token"),
    path("people/", views.people, name="people"),
    path("people/give-role/", views.give_role, name="give_role"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/password-link/", views.password_link, name="password_link"),
    path("people/<int:person_id>/two-step/", views.forget_two_step, name="forget_two_step"),
    path("people/roles/<int:membership_id>/take/", views.take_role, name="take_role"),
    path("audit/", views.audit_list, name="audit_list"),
]
