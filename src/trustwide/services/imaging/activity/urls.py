"""Addresses of the activity that was brought in."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.activity import views

urlpatterns = [
    path("", views.activity_imports, name="activity_imports"),
    path("codes/<slug:partnership>/", views.map_codes, name="map_codes"),
]
