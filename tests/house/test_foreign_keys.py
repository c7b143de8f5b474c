"""Tables follow the floors of the house too: import-linter does not see ForeignKey("wards.Ward")."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.apps import apps

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]


def ranks(contract: dict) -> dict[str, int]:
    """Package name -> its floor, counted from the top."""
    return {
        name.strip(): floor for floor, row in enumerate(contract["layers"]) for name in row.replace(":", "|").split("|")
    }


def broken_contract(source: str, target: str) -> str:
    """The name of the first contract that a reference from one module to another breaks, or an empty text."""
    for contract in CONTRACTS:
        if contract["type"] == "layers":
            floors = ranks(contract)
            for container in contract["containers"]:
                ends = [_package(module, container) for module in (source, target)]
                if None not in ends and ends[0] != ends[1] and not floors[ends[0]] < floors[ends[1]]:
                    return contract["name"]
        elif contract["type"] == "independence":
            homes = [_home(module, contract["modules"]) for module in (source, target)]
            if None not in homes and homes[0] != homes[1]:
                return contract["name"]
    return ""


def _package(module: str, container: str) -> str | None:
    return module.removeprefix(f"{container}.").split(".")[0] if module.startswith(f"{container}.") else None


def _home(module: str, modules: list[str]) -> str | None:
    return next((home for home in modules if module == home or module.startswith(f"{home}.")), None)


def references():
    for model in apps.get_models(include_auto_created=True):
        for relation in model._meta.get_fields():
            target = relation.related_model
            if not (relation.concrete and relation.is_relation) or target is None:
                continue
            if model.__module__.startswith("trustwide.") and target.__module__.startswith("trustwide."):
                yield pytest.param(model.__module__, target.__module__, id=f"{model._meta.label}.{relation.name}")


@pytest.mark.parametrize(("source", "target"), list(references()))
def test_every_foreign_key_points_down(source, target):
    assert broken_contract(source, target) == ""


@pytest.mark.parametrize(
    ("source", "target", "allowed"),
    [
        ("trustwide.services.imaging.models", "trustwide.commons.organisations.models", True),
        ("trustwide.commons.accounts.models", "trustwide.commons.organisations.models", True),
        ("trustwide.commons.organisations.models", "trustwide.commons.organisations.models", True),
        ("trustwide.commons.organisations.models", "trustwide.commons.accounts.models", False),
        ("trustwide.commons.audit.models", "trustwide.commons.nhsuk.models", False),
        ("trustwide.commons.audit.models", "trustwide.services.imaging.models", False),
        ("trustwide.web.models", "trustwide.exchange.models", False),
    ],
)
def test_the_check_itself_knows_up_from_down(source, target, allowed):
    assert (broken_contract(source, target) == "") is allowed
