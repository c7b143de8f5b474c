"""Pages that span services."""

from __future__ import annotations

from django.urls import path

from trustwide.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("pressure.csv", views.pressure_csv, name="pressure_csv"),
    path("pressure.xlsx", views.pressure_xlsx, name="pressure_xlsx"),
    path("views/new/", views.new_view, name="new_view"),
    path("views/<int:view_id>/delete/", views.remove_view, name="remove_view"),
    path("search/", views.search, name="search"),
]
