from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "trustwide.commons.accounts"
    label = "accounts"
