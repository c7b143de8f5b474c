"""What can go wrong with bookings; each message is a sentence for its reader."""


class BookingError(ValueError):
    """An appointment, offer or session cannot be made or changed as asked."""


class SlotTakenError(BookingError):
    """Somebody else was first."""
