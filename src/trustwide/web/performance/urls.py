"""Addresses of the performance report on screen."""

from __future__ import annotations

from django.urls import path

from trustwide.web.performance import subscription_views, views

urlpatterns = [
    path("", views.performance, name="performance"),
    path("measures/<str:code>/", views.performance_measure, name="performance_measure"),
    path("subscriptions/", subscription_views.report_subscriptions, name="report_subscriptions"),
    path("subscriptions/new/", subscription_views.subscribe_report, name="subscribe_to_report"),
    path("subscriptions/all/", subscription_views.all_subscriptions, name="all_subscriptions"),
    path("subscriptions/<int:subscription_id>/end/", subscription_views.end_report, name="end_report_subscription"),
]
