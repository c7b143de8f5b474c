from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "trustwide.commons.accounts"
    label = "accounts"

    def ready(self) -> None:
        from trustwide.commons.accounts import rules, signals  # noqa: F401
