"""The sites of the group and their identity."""

from __future__ import annotations

from django.urls import path

from trustwide.commons.organisations import views

urlpatterns = [
    path("", views.site_list, name="site_list"),
    path("<str:code>/", views.site_page, name="site_page"),
    path("<str:code>/identity/", views.edit_site, name="edit_site"),
    path("<str:code>/places/<int:place_id>/", views.edit_place, name="edit_place"),
    path("<str:code>/logo.svg", views.site_logo, name="site_logo"),
]
