"""What can go wrong with an account."""


class TokenError(ValueError):
    """An access token that somebody wants cannot be made; the sentence says why."""
