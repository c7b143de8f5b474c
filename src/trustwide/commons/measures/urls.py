"""A page for every measure at every site."""

from __future__ import annotations

from django.urls import path, register_converter

from trustwide.commons.measures import definition_views, views


class BreakdownConverter:
    """A breakdown in an address; "-" where a series has none, as an address cannot hold nothing."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return "" if value == "-" else value

    def to_url(self, value: str) -> str:
        return value or "-"


register_converter(BreakdownConverter, "breakdown")

CHART = "<str:measure>/<str:code>/<breakdown:breakdown>/"

urlpatterns = [
    path("", definition_views.measure_list, name="measure_list"),
    path("<str:measure>/", definition_views.measure_definition, name="measure_definition"),
    path("<str:measure>/versions/<int:number>.csv", definition_views.measure_former, name="measure_former"),
    path(CHART, views.measure_chart, name="measure_chart"),
    path(f"{CHART}chart.svg", views.measure_picture, name="measure_picture"),
    path(f"{CHART}rows.csv", views.measure_rows, name="measure_rows"),
    path(f"{CHART}limits/", views.rebase, name="rebase"),
    path(f"{CHART}notes/", views.annotate, name="annotate"),
    path(f"{CHART}left-out/", views.ghost, name="ghost"),
    path(f"{CHART}left-out/<int:mark_id>/withdraw/", views.withdraw_ghost, name="withdraw_ghost"),
    path(f"{CHART}limits/<int:mark_id>/withdraw/", views.withdraw_rebase, name="withdraw_rebase"),
    path(f"{CHART}notes/<int:mark_id>/withdraw/", views.withdraw_annotation, name="withdraw_annotation"),
]
