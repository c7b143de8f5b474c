"""What can be wrong with a return before any of its rows is read."""


class Dm01FormatError(Exception):
    """The file as a whole cannot be read as a DM01 return. The sentence names the file and what was found."""


class UnknownProviderError(Exception):
    """A provider or test that the file does not hold. The sentence names the nearest that it does."""
