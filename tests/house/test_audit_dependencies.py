"""The audit of dependencies fails on a finding, and only on one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "audit_dependencies.py"
GOOD = {"name": "alpha", "version": "1.0", "vulns": []}
BAD = {"name": "beta", "version": "2.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "gamma", "skip_reason": "not known"}


@pytest.fixture
def audit(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("audit_dependencies", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lock = tmp_path / "lock.txt"
    lock.write_text("alpha==1.0\n")
    monkeypatch.setattr(module, "LOCKS", (lock,))
    monkeypatch.setattr(module, "STAMP", tmp_path / "audited")
    return module


@pytest.mark.parametrize(
    ("answer", "status"),
    [({"dependencies": [GOOD, SKIPPED]}, 0), ({"dependencies": [GOOD, BAD]}, 1), (None, 0)],
    ids=["none known", "one known", "service not reached"],
)
def test_only_a_finding_fails(audit, monkeypatch, answer, status, capsys):
    monkeypatch.setattr(audit, "ask", lambda: answer)
    assert audit.main() == status
    said = capsys.readouterr().out
    assert ("beta 2.0: PYSEC-2026-1; fixed in 2.1" in said) == (status == 1)
    assert ("was not reached" in said) == (answer is None)


def test_the_same_locks_are_asked_about_once_and_changed_ones_again(audit, monkeypatch):
    asked = []
    monkeypatch.setattr(audit, "ask", lambda: asked.append(1) or {"dependencies": [GOOD]})
    audit.main()
    audit.main()
    assert len(asked) == 1
    audit.LOCKS[0].write_text("alpha==1.1\n")
    audit.main()
    assert len(asked) == 2
