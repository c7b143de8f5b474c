"""The site with one page more, on which the pieces that services use can be seen working."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from trustwide.config import urls

PAGE = """
{% extends "nhsuk/layout.jinja" %}
{% from "nhsuk/helpers.jinja" import chart, progress, variation, tag, table, cell %}
{% set title = "Sample" %}
{% block content %}
<h1>Sample</h1>
{{ chart("list", spec, "The list grew from 10 to 12.", picture="/sites/N1/logo.svg") }}
{{ progress("/progress/1/", "Simulating", 1, 4, "3 minutes") }}
{{ variation("concern", "Concern") }} {{ variation("improvement", "Improvement") }} {{ tag("New") }}
{% endblock %}
"""
SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "width": 400,
    "height": 120,
    "data": {"values": [{"month": "2025-01-01", "people": 10}, {"month": "2025-02-01", "people": 12}]},
    "transform": [{"calculate": "datum.people * 2", "as": "twice"}],
    "mark": {"type": "line", "point": True, "tooltip": True},
    "encoding": {
        "x": {"field": "month", "type": "temporal"},
        "y": {"field": "twice", "type": "quantitative"},
    },
}
FRAGMENT = '{% from "nhsuk/helpers.jinja" import chart, progress %}'


def sample(request: HttpRequest) -> HttpResponse:
    template = engines["nhsuk"].from_string(PAGE)
    return HttpResponse(template.render({"spec": SPEC}, request))


def progress(request: HttpRequest, done: int) -> HttpResponse:
    text = '{{ progress("/progress/" ~ (done + 1) ~ "/", "Simulating", done, 3) }}'
    if done == 3:
        text += '{{ chart("late", spec, "Done.") }}'
    template = engines["nhsuk"].from_string(FRAGMENT + text)
    return HttpResponse(template.render({"spec": SPEC, "done": done}, request))


urlpatterns = [*urls.urlpatterns, path("sample/", sample), path("progress/<int:done>/", progress)]
