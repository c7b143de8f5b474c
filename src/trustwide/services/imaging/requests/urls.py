"""Addresses of the work lists and of requests."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.requests import patient_views, views, work_views

urlpatterns = [
    path("work/", work_views.work, name="work"),
    path("work/several/", work_views.several_at_once, name="work_several"),
    path("find/", patient_views.find_patient, name="find_patient"),
    path("new/", views.new_request, name="new_request"),
    path("<int:request_id>/", views.one_request, name="request"),
    path("<int:request_id>/needs/", views.add_need, name="request_need"),
    path("<int:request_id>/needs/<int:need_id>/end/", views.remove_need, name="request_need_end"),
    path("<int:request_id>/needs/<int:need_id>/ready/", patient_views.need_ready, name="request_need_ready"),
    path("<int:request_id>/patient/", patient_views.patient_details, name="patient_details"),
    path("<int:request_id>/<str:event>/", views.step, name="request_step"),
]
