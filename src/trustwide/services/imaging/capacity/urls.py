"""Addresses of the services as they are described, and of their runs."""

from __future__ import annotations

from django.urls import include, path

from trustwide.services.imaging.capacity import edit_views, lever_views, list_views, plan_views, run_views, views
from trustwide.services.imaging.capacity.live import views as live_views

of_service = [
    path("", views.service, name="service"),
    path("calendar/", edit_views.calendar, name="service_calendar"),
    path("change/text/", edit_views.change_text, name="change_text"),
    path("change/files/", edit_views.replace_files, name="replace_files"),
    path("change/list/", edit_views.change_list, name="change_list"),
    path("change/levers/", lever_views.change_levers, name="change_levers"),
    path("change/prices/", lever_views.change_prices, name="change_prices"),
    path("change/<str:part>/", edit_views.change_part, name="change_part"),
    path("change/<str:part>/<str:key>/", edit_views.change_part, name="change_row"),
    path("remove/<str:part>/<str:key>/", edit_views.remove_row, name="remove_row"),
    path("share/", views.share_service, name="share_service"),
    path("archive/", views.archive_service, name="archive_service"),
    path("versions/", views.service_versions, name="service_versions"),
    path("versions/<int:number>/service.yaml", views.service_file, name="service_file"),
    path("versions/<int:number>/waiting_list.csv", views.waiting_list_file, name="waiting_list_file"),
    path("versions/<int:number>/levers.yaml", lever_views.lever_file, name="lever_file"),
    path("versions/<int:number>/restore/", views.restore_version, name="restore_version"),
    path("nothing/", run_views.nothing, name="nothing"),
    path("plan/", plan_views.service_plan, name="service_plan"),
    path("runs/", run_views.service_runs, name="service_runs"),
    path("runs/compare/", run_views.compare_runs, name="compare_runs"),
]
of_run = [
    path("", run_views.service_run, name="service_run"),
    path("progress/", run_views.run_progress, name="run_progress"),
    path("cancel/", run_views.cancel_run, name="cancel_run"),
    path("repeat/", run_views.repeat_run, name="repeat_run"),
    path("name/", run_views.name_run, name="name_run"),
    path("share/", run_views.share_run, name="share_run"),
    path("archive/", run_views.archive_run, name="archive_run"),
    path("run.json", run_views.run_json, name="run_json"),
]

urlpatterns = [
    path("", list_views.services, name="services"),
    path("services.csv", list_views.services_csv, name="services_csv"),
    path("services.xlsx", list_views.services_xlsx, name="services_xlsx"),
    path("several/", list_views.change_several, name="change_several"),
    path("describe/", views.describe_service, name="describe_service"),
    path("upload/", views.upload_service, name="upload_service"),
    path("from-live/", live_views.service_from_live, name="service_from_live"),
    path("<int:service_id>/", include(of_service)),
    path("runs/<int:run_id>/", include(of_run)),
]
