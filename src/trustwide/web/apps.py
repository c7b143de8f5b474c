from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "trustwide.web"
    label = "web"
