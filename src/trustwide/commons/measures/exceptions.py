"""What can go wrong with a measure."""


class UnknownMeasureError(LookupError):
    """No service registered a measure, or a table, of that name."""


class MeasureRegisteredTwiceError(ValueError):
    """Two measures, or two tables, want the same name."""


class MarkIsAppendOnlyError(RuntimeError):
    """Somebody tried to change or delete what a person marked on a chart."""


class CannotMarkError(ValueError):
    """What somebody wants to mark on a chart cannot be marked; the sentence says why."""


class MeasureDefinitionError(ValueError):
    """A definition contradicts itself, or its expression cannot be computed; the sentence says where and why."""


class SignalError(ValueError):
    """What somebody wants to do about a signal cannot be done; the sentence says why."""


class DigestError(RuntimeError):
    """Digests of signals cannot be sent; the sentence says why and what was done by then."""
