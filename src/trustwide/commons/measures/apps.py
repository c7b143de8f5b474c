from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "trustwide.commons.measures"
    label = "measures"
