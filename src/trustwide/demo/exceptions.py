"""What can go wrong when the demo is to be built."""


class NotADemoDatabaseError(Exception):
    """The database holds something that the demo did not make; the sentence says what and how to go on."""
