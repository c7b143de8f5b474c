"""Addresses of the plan pages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging import plan_views as views

urlpatterns = [
    path("", views.plans, name="plans"),
    path("start/", views.start_plan, name="start_plan"),
    path("compare/", views.compare_plans, name="compare_plans"),
    path("<int:plan_id>/", views.saved_plan, name="saved_plan"),
    path("<int:plan_id>/progress/", views.plan_progress, name="plan_progress"),
    path("<int:plan_id>/cancel/", views.cancel_plan, name="cancel_plan"),
    path("<int:plan_id>/repeat/", views.repeat_plan, name="repeat_plan"),
    path("<int:plan_id>/rename/", views.rename_plan, name="rename_plan"),
    path("<int:plan_id>/share/", views.share_plan, name="share_plan"),
    path("<int:plan_id>/archive/", views.archive_plan, name="archive_plan"),
    path("<int:plan_id>/plan.json", views.plan_json, name="plan_json"),
    path("<str:code>/<str:test>/", views.plan, name="plan"),
    path("<str:code>/<str:test>/find/", views.find_plan, name="find_plan"),
    path("<str:code>/<str:test>/save/", views.save_plan, name="save_plan"),
]
