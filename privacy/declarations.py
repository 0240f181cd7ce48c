"""What each field of each model is, why it is kept and for how long: declared beside the model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import models
from django.db.models.fields.composite import CompositePrimaryKey
from django.utils.functional import Promise

from privacy.blind_index import BlindIndexField
from privacy.fields import SealedMixin
from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

SEALED = "sealed"
PLAIN = "plain"
DERIVED = "derived"

# Words are lazy where the public reads them; never test them for truth before the apps are ready.
Words = str | Promise
Retention = Words | Period


@dataclass(frozen=True, slots=True)
class Own:
    """What is different for one field: whatever is left out is as its model says."""

    purpose: Words = ""
    retention: Retention = ""
    basis: LegalBasis | None = None


Basis = LegalBasis | Mapping[DataSubject, LegalBasis] | None
Names = Set[str] | Mapping[str, Words | Own]


@dataclass(frozen=True, slots=True)
class FieldDeclaration:
    """One field: `kind` is sealed, plain or derived (computed from others); `basis` is None where
    it is its model's."""

    name: str
    kind: str
    purpose: Words
    retention: Retention
    basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class ModelDeclaration:
    """One model. `about` is None where nobody said whom its rows are about, empty where it is
    about nobody; `basis` may differ from one to another of those."""

    model: type[models.Model]
    purpose: Words
    retention: Retention
    about: tuple[DataSubject, ...] | None
    basis: Basis
    fields: tuple[FieldDeclaration, ...]

    def basis_of(self, subject: DataSubject) -> LegalBasis | None:
        return self.basis.get(subject) if isinstance(self.basis, Mapping) else self.basis


_declared: dict[type[models.Model], ModelDeclaration] = {}


def declare(
    model: type[models.Model],
    *,
    purpose: Words,
    retention: Retention,
    about: Collection[DataSubject] | None = None,
    basis: Basis = None,
    sealed: Names = frozenset(),
    plain: Names = frozenset(),
    derived: Names = frozenset(),
) -> None:
    """Declare every field of a model by name, right under the model.

    `about` says whom a row is about, () for nobody; `basis` what keeping it rests on, or that by
    subject where it differs. Each kind takes a set of names, or a dict from name to a purpose of
    that field's own, or to an Own where its retention or basis differs too.
    """
    fields: list[FieldDeclaration] = []
    for kind, names in ((SEALED, sealed), (PLAIN, plain), (DERIVED, derived)):
        for name in names:
            own = names[name] if isinstance(names, Mapping) else ""
            if not isinstance(own, Own):
                own = Own(purpose=own)
            fields.append(
                FieldDeclaration(
                    name,
                    kind,
                    own.purpose if _says(own.purpose) else purpose,
                    own.retention if _says(own.retention) else retention,
                    own.basis,
                )
            )
    subjects = None if about is None else tuple(s for s in DataSubject if s in about)
    _declared[model] = ModelDeclaration(model, purpose, retention, subjects, basis, tuple(fields))


def _says(words: Retention) -> bool:
    """Whether it says anything. What is lazy does: reading it has to wait for the apps."""
    return bool(words.strip()) if isinstance(words, str) else True


def declarations(model: type[models.Model]) -> list[FieldDeclaration]:
    declared = _declared.get(model)
    return list(declared.fields) if declared else []


def is_declared(model: type[models.Model]) -> bool:
    return model in _declared


def declared_models() -> list[ModelDeclaration]:
    """Every declaration, in the order in which the models were read."""
    return list(_declared.values())


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
        if not _says(declared.purpose) or not _says(declared.retention):
            problems.append(f"{label}.{declared.name} lacks a purpose or a retention")
        found[declared.name] = declared
    problems += _problems_of_record(model)
    for name, field in fields.items():
        kind = found[name].kind if name in found else None
        if kind is None:
            problems.append(f"{label}.{name} is not declared")
        elif (kind == SEALED) != isinstance(field, SealedMixin):
            problems.append(f"{label}.{name} is declared {kind} but is a {type(field).__name__}")
        elif isinstance(field, BlindIndexField) and kind != DERIVED:
            problems.append(f"{label}.{name} is a blind index: declare it derived")
    return problems


def _problems_of_record(model: type[models.Model]) -> list[str]:
    """What a record of processing would lack."""
    label = model._meta.label
    declared = _declared.get(model)
    if declared is None:
        return []
    if declared.about is None:
        return [f"{label} does not say whom it is about: about=() where it is nobody"]
    if any(declared.basis_of(subject) is None for subject in declared.about):
        return [f"{label} lacks a legal basis"]
    if not declared.about and declared.basis:
        return [f"{label} is about nobody, yet has a legal basis"]
    return []
