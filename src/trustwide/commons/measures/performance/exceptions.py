"""What can go wrong with a report."""


class ReportScopeError(LookupError):
    """There is no such group, partner or site for this reader; the sentence says what to do."""
