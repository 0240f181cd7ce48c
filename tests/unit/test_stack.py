"""The house's stack: no relation points from a lower floor to a higher one, strings included."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

FLOORS: list[str] = tomllib.loads(
    (Path(settings.BASE_DIR) / "pyproject.toml").read_text(encoding="utf-8")
)["tool"]["importlinter"]["contracts"][0]["layers"]


def relations(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """Each relation's name and the app it points to."""
    for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
        if field.is_relation and field.related_model is not None:
            related: Any = field.related_model
            # A name that no model answers to stays text.
            label = related.split(".")[0] if isinstance(related, str) else related._meta.app_label
            yield f"{model._meta.label}.{field.name}", label
    for parent in model._meta.parents:
        yield f"{model._meta.label} (parent)", parent._meta.app_label


def climbing(floor: str, pointing: Iterator[tuple[str, str]]) -> list[str]:
    """The relations of a model on this floor that point to a higher one. Floors: highest first."""
    height = FLOORS.index(floor)
    return [
        f"{name} points up to {target}"
        for name, target in pointing
        if target in FLOORS and FLOORS.index(target) < height
    ]


def test_the_floors_are_those_that_are_installed():
    packages = {path.parent.name for path in Path(settings.BASE_DIR).glob("*/apps.py")}
    assert packages == set(FLOORS)
    assert FLOORS.index("privacy") == len(FLOORS) - 1
    assert FLOORS[0] == "micic_portal"


def test_no_relation_climbs_the_stack():
    ours = [model for model in apps.get_models() if model._meta.app_label in FLOORS]
    assert ours
    assert [
        told for model in ours for told in climbing(model._meta.app_label, relations(model))
    ] == []


@pytest.mark.parametrize("target", [None, "crises.Crisis"])
def test_a_relation_that_climbs_is_told(target):
    up = target or SimpleNamespace(_meta=SimpleNamespace(app_label="crises"))
    fields = [SimpleNamespace(name="up", is_relation=True, related_model=up)]
    meta = SimpleNamespace(
        local_fields=fields, local_many_to_many=[], label="audit.Entry", parents={}
    )
    model: Any = SimpleNamespace(_meta=meta)
    assert climbing("audit", relations(model)) == ["audit.Entry.up points up to crises"]
    assert climbing("partners", relations(model)) == []
