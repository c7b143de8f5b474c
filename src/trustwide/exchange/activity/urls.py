"""Addresses at which activity is uploaded."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.activity import views

urlpatterns = [
    path("upload/", views.upload_activity, name="upload_activity"),
    path("columns/", views.activity_columns, name="activity_columns"),
]
