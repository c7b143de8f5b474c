"""Addresses of the booking pages."""

from __future__ import annotations

from django.urls import path

from trustwide.services.imaging.booking import views

urlpatterns = [
    path("", views.bookings, name="bookings"),
    path("<int:request_id>/", views.find_slot, name="find_slot"),
    path("<int:request_id>/take/", views.take_slot, name="take_slot"),
    path("offers/<int:offer_id>/", views.answer_offer, name="answer_offer"),
    path("appointments/<int:appointment_id>/cancel/", views.cancel_appointment, name="cancel_appointment"),
]
