"""Addresses of the floor pages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.flow import views

urlpatterns = [
    path("", views.floors, name="floors"),
    path("draw/", views.draw_floor, name="draw_floor"),
    path("<int:layout_id>/", views.floor, name="floor"),
    path("<int:layout_id>/department.yaml", views.floor_file, name="floor_file"),
    path("<int:layout_id>/archive/", views.archive_floor, name="archive_floor"),
]
