"""Addresses of the waiting-list pages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.waiting import doubt_views, list_views, meeting_views, monday_views

urlpatterns = [
    path("", list_views.waiting_list, name="waiting_list"),
    path("waiting.csv", list_views.waiting_csv, name="waiting_csv"),
    path("waiting.xlsx", list_views.waiting_xlsx, name="waiting_xlsx"),
    path("several/", list_views.waiting_bulk, name="waiting_bulk"),
    path("meeting/", meeting_views.waiting_meeting, name="waiting_meeting"),
    path("meeting/<int:request_id>/", meeting_views.meeting_note, name="meeting_note"),
    path("monday/", monday_views.waiting_monday, name="waiting_monday"),
    path("validation/", doubt_views.waiting_doubts, name="waiting_doubts"),
    path("validation/settle/", doubt_views.settle_doubt, name="settle_doubt"),
]
