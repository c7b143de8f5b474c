"""What can be wrong with a service, as sentences a planner can act on."""

from __future__ import annotations

from collections.abc import Sequence


class ServiceError(ValueError):
    """A service that cannot be run as described; `problems`, one sentence each: where, what was expected, what came."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type[ServiceError], tuple[str, tuple[str, ...]]]:
        """How a worker process hands it back."""
        return ServiceError, (self.source, self.problems)


class RunError(RuntimeError):
    """A run that could not be finished; the sentence says why and what would cure it."""


class LeverError(ValueError):
    """A lever that cannot be used: the sentence names the lever, the field, the value and what was expected."""
