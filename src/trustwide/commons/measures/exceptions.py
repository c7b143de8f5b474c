"""What can go wrong with a measure."""


class UnknownMeasureError(LookupError):
    """No service registered a measure, or a table, of that name."""


class MeasureRegisteredTwiceError(ValueError):
    """Two measures, or two tables, want the same name."""
