from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "trustwide.commons.patients"
    label = "patients"
