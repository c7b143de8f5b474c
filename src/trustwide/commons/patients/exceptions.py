"""What can go wrong with the records of patients; each message is a sentence for its reader."""


class PatientError(ValueError):
    """A record of a patient cannot be made or changed as asked."""
