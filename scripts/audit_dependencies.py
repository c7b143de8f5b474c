"""Known vulnerabilities in the locked packages. Fails on a finding; an advisory service that is not there only says so.

The same locks are asked about once a day.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOCKS = (Path("requirements/base.txt"), Path("requirements/dev.txt"))
STAMP = Path(".cache/audited")
A_DAY = 24 * 3600
PATIENCE = 180  # seconds


def main() -> int:
    """Exit status 1 only for a vulnerability that was found."""
    locks = hashlib.sha256(b"".join(path.read_bytes() for path in LOCKS)).hexdigest()
    if STAMP.exists() and STAMP.read_text() == locks and time.time() - STAMP.stat().st_mtime < A_DAY:
        print("None in these versions; asked less than a day ago.")
        return 0
    answer = ask()
    if answer is None:
        print("The advisory service was not reached, so this was not checked.")
        return 0
    found = findings(answer)
    if found:
        print("\n".join(found))
        return 1
    print(f"None in {len(answer['dependencies'])} packages.")
    STAMP.parent.mkdir(exist_ok=True)
    STAMP.write_text(locks)
    return 0


def ask() -> dict[str, Any] | None:
    """What the advisory service says of every locked package, or None."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--format", "json"]
    command += ["--progress-spinner", "off", "--requirement", str(LOCKS[-1])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None
    return answer


def findings(answer: dict[str, Any]) -> list[str]:
    """One sentence for each vulnerability."""
    return [
        f"{package['name']} {package['version']}: {known['id']}; "
        f"fixed in {', '.join(known['fix_versions']) or 'no version yet'}. Raise it with make lock UPGRADE=1."
        for package in answer["dependencies"]
        for known in package.get("vulns", [])
    ]


if __name__ == "__main__":
    sys.exit(main())
