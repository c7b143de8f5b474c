"""What happened to a request stays as it was written: the database itself refuses to change it."""

from __future__ import annotations

from trustwide.commons.audit.guards import Guard

PATHWAY = Guard("imaging_pathwayevent", "pathway", "What happened to a request is never changed or deleted")
