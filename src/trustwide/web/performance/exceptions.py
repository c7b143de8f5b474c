"""What can go wrong with sent reports."""


class ReportSendingError(RuntimeError):
    """Reports cannot be sent; the sentence says why and what was done by then."""
