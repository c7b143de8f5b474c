"""Addresses for text message services."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.messages import views

urlpatterns = [
    path("incoming/", views.incoming_sms, name="incoming_sms"),
]
