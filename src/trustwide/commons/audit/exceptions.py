"""What can go wrong when an event is recorded."""


class AnonymousWriteError(Exception):
    """A write reached the audit record without somebody who did it."""


class AuditIsAppendOnlyError(Exception):
    """Somebody tried to change or delete an audit event."""
