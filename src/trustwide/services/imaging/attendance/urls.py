"""Addresses of the pages about missed appointments."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.attendance import views

urlpatterns = [
    path("", views.calls, name="calls"),
    path("draw/", views.draw, name="draw_calls"),
    path("calls/<int:appointment_id>/", views.record_call, name="record_call"),
    path("trials/", views.trials, name="trials"),
    path("trials/new/", views.new_trial, name="new_trial"),
    path("trials/<int:trial_id>/", views.trial, name="trial"),
    path("trials/<int:trial_id>/stop/", views.stop_trial, name="stop_trial"),
    path("quality/", views.quality, name="attendance_quality"),
    path("risks/", views.work_out_risks, name="work_out_risks"),
    path("assessments/", views.assessments, name="impact_assessments"),
]
