"""A page for every measure at every site."""

from __future__ import annotations

from django.urls import path

from trustwide.commons.measures import views

CHART = "<str:measure>/<str:code>/<str:breakdown>/"

urlpatterns = [
    path(CHART, views.measure_chart, name="measure_chart"),
    path(f"{CHART}chart.svg", views.measure_picture, name="measure_picture"),
    path(f"{CHART}rows.csv", views.measure_rows, name="measure_rows"),
    path(f"{CHART}limits/", views.rebase, name="rebase"),
    path(f"{CHART}notes/", views.annotate, name="annotate"),
    path(f"{CHART}limits/<int:mark_id>/withdraw/", views.withdraw_rebase, name="withdraw_rebase"),
    path(f"{CHART}notes/<int:mark_id>/withdraw/", views.withdraw_annotation, name="withdraw_annotation"),
]
