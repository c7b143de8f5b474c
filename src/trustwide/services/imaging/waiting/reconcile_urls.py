"""Addresses of the reconciliation of list and return."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.waiting import reconcile_views as views

urlpatterns = [
    path("", views.reconciliations, name="reconciliations"),
    path("<str:code>/<str:test>/<str:month>/", views.reconcile, name="reconcile"),
    path("<str:code>/<str:test>/<str:month>/sign/", views.sign_off_month, name="sign_off_month"),
    path("<str:code>/<str:test>/<str:month>/<slug:reason>.csv", views.reconcile_rows, name="reconcile_rows"),
]
