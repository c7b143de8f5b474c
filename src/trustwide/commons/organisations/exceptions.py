"""What can go wrong when somebody acts on an organisation."""

from django.core.exceptions import PermissionDenied


class NotAllowedError(PermissionDenied):
    """This person may not do this here; the sentence says what is missing and whom to ask."""
