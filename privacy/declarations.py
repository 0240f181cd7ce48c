"""What each field of each model is, why it is kept and for how long: declared beside the model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import models
from django.db.models.fields.composite import CompositePrimaryKey

from privacy.blind_index import BlindIndexField
from privacy.fields import SealedMixin
from privacy.processing import DataSubject, LegalBasis

SEALED = "sealed"
PLAIN = "plain"
DERIVED = "derived"

Names = Set[str] | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """One field: `kind` is sealed, plain or derived (computed from others)."""

    name: str
    kind: str
    purpose: str
    retention: str


_declared: dict[type[models.Model], list[FieldDeclaration]] = {}


def declare(
    model: type[models.Model],
    *,
    purpose: str,
    retention: str,
    about: Collection[DataSubject] = (),
    basis: LegalBasis | None = None,
    sealed: Names = frozenset(),
    plain: Names = frozenset(),
    derived: Names = frozenset(),
) -> None:
    """Declare every field of a model by name, right under the model.

    Each kind takes a set of names, or a dict from name to a purpose of that field's own. A purpose
    written as "purpose | retention" overrides the retention as well.
    """
    fields: list[FieldDeclaration] = []
    for kind, names in ((SEALED, sealed), (PLAIN, plain), (DERIVED, derived)):
        for name in names:
            own = names[name] if isinstance(names, Mapping) else ""
            own_purpose, _, own_retention = (part.strip() for part in own.partition("|"))
            fields.append(
                FieldDeclaration(name, kind, own_purpose or purpose, own_retention or retention)
            )
    _declared[model] = fields


def declarations(model: type[models.Model]) -> list[FieldDeclaration]:
    return list(_declared.get(model, []))


def is_ours(config: AppConfig) -> bool:
    """An app of this repository, not of a package that it uses."""
    return Path(config.path).resolve().parent == Path(settings.BASE_DIR).resolve()


def our_models() -> Iterator[type[models.Model]]:
    """Every model of our apps that a developer wrote (join tables follow their relation)."""
    for config in apps.get_app_configs():
        if is_ours(config):
            yield from config.get_models()


def undeclared_fields() -> list[str]:
    """What is wrong with the declarations of our apps, one line each."""
    return [problem for model in our_models() for problem in problems_of(model)]


def problems_of(model: type[models.Model]) -> list[str]:
    label = model._meta.label
    fields = {
        field.name: field
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if not isinstance(field, CompositePrimaryKey)
    }
    found: dict[str, FieldDeclaration] = {}
    problems: list[str] = []
    for declared in declarations(model):
        if declared.name in found:
            problems.append(f"{label}.{declared.name} is declared twice")
        if declared.name not in fields:
            problems.append(f"{label}.{declared.name} is declared but is no field")
        if not declared.purpose.strip() or not declared.retention.strip():
            problems.append(f"{label}.{declared.name} lacks a purpose or a retention")
        found[declared.name] = declared
    for name, field in fields.items():
        kind = found[name].kind if name in found else None
        if kind is None:
            problems.append(f"{label}.{name} is not declared")
        elif (kind == SEALED) != isinstance(field, SealedMixin):
            problems.append(f"{label}.{name} is declared {kind} but is a {type(field).__name__}")
        elif isinstance(field, BlindIndexField) and kind != DERIVED:
            problems.append(f"{label}.{name} is a blind index: declare it derived")
    return problems
