"""What can go wrong when somebody asks the API."""

from __future__ import annotations

from django.http import Http404


class NothingThereError(Http404):
    """There is no such thing, or none that this person may know of; the sentence says what was asked for."""
