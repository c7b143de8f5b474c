"""The audit record: append-only, each event sealed with the hash of the one before it."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models

from trustwide.commons.audit.exceptions import AuditIsAppendOnlyError


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AuditIsAppendOnlyError("An audit event is never changed; record a new one instead.")

    def delete(self) -> NoReturn:
        raise AuditIsAppendOnlyError("An audit event is never deleted; record a new one instead.")


class AuditEvent(models.Model):
    """One thing that one actor did. The actor is kept as text, so that it outlives the account."""

    sequence = models.PositiveBigIntegerField(unique=True)
    at = models.DateTimeField()
    actor_id = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=80, blank=True)
    site_code = models.CharField(max_length=12, blank=True)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects: ClassVar = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["sequence"]
        indexes = [models.Index(fields=["target_type", "target_id"])]

    def __str__(self) -> str:
        return f"{self.sequence} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AuditIsAppendOnlyError("An audit event is never changed; record a new one instead.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AuditIsAppendOnlyError("An audit event is never deleted; record a new one instead.")


class ChainHead(models.Model):
    """One row, locked while an event is added, so that two writers never seal the same place in the chain."""

    sequence = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
