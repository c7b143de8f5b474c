"""Triggers by which the database itself refuses to change or delete rows that are written once, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Guard:
    """A table whose rows stay as they are. prefix: begins the names of its triggers. refusal: what is said."""

    table: str
    prefix: str
    refusal: str

    def install(self, connection: BaseDatabaseWrapper) -> None:
        """Refuse UPDATE and DELETE from now on; on other databases only the model refuses them."""
        _run(connection, self._installing())

    def remove(self, connection: BaseDatabaseWrapper) -> None:
        """Take the refusal away again, as a backward migration must."""
        _run(connection, self._removing())

    def _installing(self) -> dict[str, list[str]]:
        return {
            "sqlite": [
                f"CREATE TRIGGER IF NOT EXISTS {self.prefix}_no_{change} BEFORE {change} ON {self.table} "
                f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
                for change in ("update", "delete")
            ],
            "postgresql": [
                f"CREATE OR REPLACE FUNCTION {self.prefix}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{self.refusal}'; END $$",
                f"CREATE OR REPLACE TRIGGER {self.prefix}_no_change BEFORE UPDATE OR DELETE ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION {self.prefix}_refuse()",
            ],
        }

    def _removing(self) -> dict[str, list[str]]:
        return {
            "sqlite": [f"DROP TRIGGER IF EXISTS {self.prefix}_no_{change}" for change in ("update", "delete")],
            "postgresql": [
                f"DROP TRIGGER IF EXISTS {self.prefix}_no_change ON {self.table}",
                f"DROP FUNCTION IF EXISTS {self.prefix}_refuse()",
            ],
        }


AUDIT = Guard("audit_auditevent", "audit", "An audit event is never changed or deleted")


def _run(connection: BaseDatabaseWrapper, statements: dict[str, list[str]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements.get(connection.vendor, []):
            cursor.execute(statement)
