"""Addresses of workbooks to download."""

from __future__ import annotations

from django.urls import path

from trustwide.exchange.workbooks import views

urlpatterns = [
    path("plans/<int:plan_id>/plan.xlsx", views.plan_workbook, name="plan_workbook"),
    path("runs/<int:run_id>/plan.xlsx", views.run_workbook, name="run_workbook"),
]
