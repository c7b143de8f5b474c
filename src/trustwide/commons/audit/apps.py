from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "trustwide.commons.audit"
    label = "audit"
