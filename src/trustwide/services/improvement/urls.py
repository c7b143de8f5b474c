"""The pages of improvement projects."""

from __future__ import annotations

from django.urls import path

from trustwide.services.improvement import views

app_name = "improvement"
urlpatterns = [
    path("", views.projects, name="projects"),
    path("open/<int:signal_id>/", views.open_from_signal, name="open"),
    path("<int:project_id>/", views.project, name="project"),
    path("<int:project_id>/close/", views.close, name="close"),
]
