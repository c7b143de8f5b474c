"""Addresses of workbooks to download."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.workbooks import board_views, meeting_views, views

urlpatterns = [
    path("plans/<int:plan_id>/plan.xlsx", views.plan_workbook, name="plan_workbook"),
    path("runs/<int:run_id>/plan.xlsx", views.run_workbook, name="run_workbook"),
    path("performance.xlsx", board_views.performance_xlsx, name="performance_xlsx"),
    path("waiting/meeting.xlsx", meeting_views.meeting_workbook, name="meeting_workbook"),
    path("waiting/upload/", meeting_views.meeting_upload, name="meeting_upload"),
    path("waiting/apply/", meeting_views.meeting_apply, name="meeting_apply"),
]
