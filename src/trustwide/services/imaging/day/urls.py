"""Addresses of the pages of the day."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.day import views

urlpatterns = [
    path("", views.today, name="today"),
    path("visits/<int:appointment_id>/", views.step, name="visit_step"),
    path("board/<str:code>/", views.board, name="waiting_area"),
    path("sessions/<int:session_id>/urgent/", views.urgent, name="add_urgent"),
    path("scanners/<int:scanner_id>/down/", views.scanner_down, name="scanner_down"),
    path("scanners/<int:scanner_id>/up/", views.scanner_up, name="scanner_up"),
]
