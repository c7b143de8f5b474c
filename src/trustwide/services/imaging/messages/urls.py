"""Addresses of the pages about messages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.messages import views

urlpatterns = [
    path("answers/", views.replies, name="replies"),
    path("answers/<int:reply_id>/done/", views.handled, name="reply_handled"),
    path("freed/", views.freed, name="freed_times"),
]
