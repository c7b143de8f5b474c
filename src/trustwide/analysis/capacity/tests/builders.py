"""Services for tests, built from a few words."""

from pathlib import Path

CASES = Path(__file__).parent / "cases"


def queue(*, servers=1, demand=None, stop=None, sessions="always", **scanner):
    """A walk-in clinic with identical scanners; `demand` is a list of streams."""
    return {
        "service": "queue",
        "start": "2026-01-05",
        "stop": stop or {"patients": 20_000},
        "sites": [{"id": "clinic"}],
        "scanners": [
            {"id": "server", "site": "clinic", "modality": "ANY", "count": servers, "sessions": sessions, **scanner}
        ],
        "demand": demand or [walkers()],
    }


def walkers(name="walkers", *, per_minute=0.5, duration=None, **fields):
    return {
        "id": name,
        "site": "clinic",
        "modality": "ANY",
        "access": "walk_in",
        "arrivals": {"poisson": {"per_minute": per_minute}},
        "duration": duration or {"exponential": {"mean": 1}},
        **fields,
    }
