"""Addresses of the lean pages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.lean import views

urlpatterns = [
    path("", views.lean, name="lean"),
    path("sites/", views.lean_sites, name="lean_sites"),
    path("<str:code>/rows/", views.lean_rows, name="lean_rows"),
    path("<str:code>/rows.csv", views.lean_rows_csv, name="lean_rows_csv"),
]
