"""Addresses of the pages about scanners' hours."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.booking.hours import usual_views, views

urlpatterns = [
    path("", views.hours, name="hours"),
    path("<int:session_id>/", views.session, name="session"),
    path("<int:session_id>/close/", views.close, name="close_session"),
    path("<int:session_id>/open/", views.reopen, name="reopen_session"),
    path("<int:session_id>/limit/", views.limit, name="overbook_limit"),
    path("<int:session_id>/stand/", views.stand, name="send_van"),
    path("open-a-day/", views.open_for_once, name="open_day"),
    path("vans/", views.vans, name="vans"),
    path("usual/", usual_views.usual_hours, name="usual_hours"),
]
