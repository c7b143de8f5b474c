"""News of appointments for the rooms above: sent once what happened is committed, with `appointment`."""

from __future__ import annotations

from django.dispatch import Signal

appointment_made = Signal()
appointment_ended = Signal()
