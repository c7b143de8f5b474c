"""No file of the repository names the host of a package registry or a folder of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# in pieces, so that this file passes its own test
REGISTRIES = [
    ("pypi", "org"),
    ("python" + "hosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("anaconda", "org"),
    ("deb", "debian", "org"),
]
FOLDERS = [("work",), ("root",), ("Users",), ("home", "[a-z]+"), ("opt", "wheels"), ("opt", "pypi")]
REGISTRY = re.compile("|".join(re.escape(".".join(parts)) for parts in REGISTRIES), re.IGNORECASE)
LINK = re.compile(r"(index-url|find-links|\"resolved\")[\s:=\"]+\S*//")
FOLDER = re.compile(r"(?<![\w.~:/<-])(" + "|".join("/" + "/".join(parts) for parts in FOLDERS) + r")(?=/|\b)")
RULES = {"the host of a package registry": REGISTRY, "a link to one": LINK, "a folder of one machine": FOLDER}


def faults(name: str, text: str) -> list[str]:
    """One sentence for each line of `text` that breaks a rule."""
    return [
        f'{name}, line {number}: "{found[0]}" is {what}; leave it out.'
        for number, line in enumerate(text.splitlines(), 1)
        for what, rule in RULES.items()
        if (found := rule.search(line))
    ]


def committed() -> list[Path]:
    """Every text file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("this is not a git checkout, so nobody can say which files belong to it")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture
        return ""


def test_no_registry_and_no_machine_is_named():
    files = committed()
    assert len(files) > 100
    found = [fault for path in files for fault in faults(str(path.relative_to(ROOT)), text_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "https://files." + ".".join(REGISTRIES[1]) + "/packages/x.whl",
        "registry=https://registry." + ".".join(REGISTRIES[2]),
        '"reso' + 'lved": "https://mirror.example/x.tgz"',
        "--find-" + "links https://mirror.example/",
        "cd /" + "work/main",
        "see `/" + "root/.cache`",
        'Path("/' + 'home/ada/x")',
    ],
)
def test_a_bad_line_is_found(line):
    assert len(faults("x", line)) == 1


@pytest.mark.parametrize(
    "line", ["docs/work/plan", "the root/branch", "https://example.org/work/", "</root>", "pip install uv"]
)
def test_a_good_line_is_left_alone(line):
    assert not faults("x", line)
