"""The lists of every site, and the plans made for them."""

from __future__ import annotations

from django.urls import include, path

from trustwide.services.imaging import views

app_name = "imaging"

urlpatterns = [
    path("plans/", include("trustwide.services.imaging.plan_urls")),
    path("floor/", include("trustwide.services.imaging.flow.urls")),
    path("services/", include("trustwide.services.imaging.capacity.urls")),
    path("activity/", include("trustwide.services.imaging.activity.urls")),
    path("reconcile/", include("trustwide.services.imaging.waiting.reconcile_urls")),
    path("bookings/", include("trustwide.services.imaging.booking.urls")),
    path("today/", include("trustwide.services.imaging.day.urls")),
    path("requests/", include("trustwide.services.imaging.requests.urls")),
    path("waiting/", include("trustwide.services.imaging.waiting.urls")),
    path("messages/", include("trustwide.services.imaging.messages.urls")),
    path("lean/", include("trustwide.services.imaging.lean.urls")),
    path("hours/", include("trustwide.services.imaging.booking.hours.urls")),
    path("attendance/", include("trustwide.services.imaging.attendance.urls")),
    path("<str:code>/<str:test>/", views.history, name="history"),
    path("<str:code>/<str:test>/rows.csv", views.history_rows, name="history_rows"),
    path("<str:code>/<str:test>/bands.svg", views.band_drawing, name="band_drawing"),
]
