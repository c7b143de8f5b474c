"""Addresses of patients' own pages; short, for they are part of a text message."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.patient_pages import views

urlpatterns = [
    path("<str:token>/", views.page, name="patient_page"),
    path("<str:token>/confirm/", views.say_yes, name="patient_confirm"),
    path("<str:token>/cancel/", views.say_no, name="patient_cancel"),
    path("<str:token>/times/", views.times, name="patient_times"),
    path("<str:token>/offers/<int:offer_id>/", views.offer, name="patient_offer"),
    path("<str:token>/needs/", views.needs, name="patient_needs"),
    path("<str:token>/reminders/", views.reminders, name="patient_reminders"),
    path("<str:token>/print/", views.print_size, name="patient_print_size"),
]
