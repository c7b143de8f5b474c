from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "trustwide.demo"
    label = "demo"
