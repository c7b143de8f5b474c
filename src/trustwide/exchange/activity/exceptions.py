"""What can be wrong with an extract before any of its rows is read."""


class ActivityFormatError(Exception):
    """The file as a whole cannot be read as an extract. The sentence names the file and what was found."""
