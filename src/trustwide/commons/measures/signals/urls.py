"""Addresses of the pages of signals."""

from __future__ import annotations

from django.urls import path

from trustwide.commons.measures.signals import one_views, subscription_views, views

urlpatterns = [
    path("", views.signals, name="signals"),
    path("rolled-up/", views.signals_rolled_up, name="signals_rolled_up"),
    path("signals.csv", views.signals_csv, name="signals_csv"),
    path("signals.xlsx", views.signals_xlsx, name="signals_xlsx"),
    path("several/", views.signals_bulk, name="signals_bulk"),
    path("subscriptions/", subscription_views.signal_subscriptions, name="signal_subscriptions"),
    path("subscriptions/new/", subscription_views.subscribe_to_signals, name="subscribe_to_signals"),
    path("subscriptions/<int:subscription_id>/end/", subscription_views.end_subscription, name="end_subscription"),
    path("<int:signal_id>/", one_views.signal, name="signal"),
    path("<int:signal_id>/put-off/", one_views.snooze_signal, name="snooze_signal"),
    path("<int:signal_id>/take-up/", one_views.wake_signal, name="wake_signal"),
    path("<int:signal_id>/assign/", one_views.assign_signal, name="assign_signal"),
    path("<int:signal_id>/notes/", one_views.note_on_signal, name="note_on_signal"),
]
