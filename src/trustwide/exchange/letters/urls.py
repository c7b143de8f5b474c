"""Addresses of letters."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.letters import views

urlpatterns = [
    path("<str:token>/letter.pdf", views.patient_letter, name="patient_letter"),
]
