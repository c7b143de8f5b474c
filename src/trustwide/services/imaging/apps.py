from django.apps import AppConfig


class ImagingConfig(AppConfig):
    name = "trustwide.services.imaging"
    label = "imaging"
