"""What can go wrong with a project."""


class ProjectError(ValueError):
    """A project cannot be opened or closed; the sentence says why."""
