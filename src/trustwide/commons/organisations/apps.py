from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "trustwide.commons.organisations"
    label = "organisations"
