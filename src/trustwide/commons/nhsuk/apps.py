from django.apps import AppConfig


class NhsukConfig(AppConfig):
    name = "trustwide.commons.nhsuk"
    label = "nhsuk"
