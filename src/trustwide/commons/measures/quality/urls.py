"""The page of doubted figures."""

from __future__ import annotations

from django.urls import path

from trustwide.commons.measures.quality import views

urlpatterns = [
    path("", views.data_quality, name="data_quality"),
    path("doubts.csv", views.data_quality_csv, name="data_quality_csv"),
]
