"""Addresses of briefs to download."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.briefs import board_views, views

urlpatterns = [
    path("runs/<int:run_id>/brief.pdf", views.run_brief, name="run_brief"),
    path("performance.pdf", board_views.performance_pdf, name="performance_pdf"),
]
