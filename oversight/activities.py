"""What is processed and why, read from the declarations: for the record and for the notice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _

from privacy.blind_index import BlindIndexField
from privacy.declarations import (
    DERIVED,
    PLAIN,
    SEALED,
    FieldDeclaration,
    ModelDeclaration,
    declared_models,
)
from privacy.periods import Period
from privacy.processing import DataSubject

# In which order a reader looks for it: the register first, its accounts last.
_FLOORS = ("registrations", "crises", "notifications", "advisories", "audit", "accounts")


@dataclass(frozen=True, slots=True)
class Field:
    """One category of data. `purpose`, `retention` and `basis` are empty where they are those of
    its table; `is_technical` is what says nothing to the person it is about."""

    name: str
    kind: str
    is_technical: bool
    purpose: str
    retention: str
    basis: str


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    subjects: tuple[DataSubject, ...]
    bases: tuple[str, ...]
    retention: str
    # In days; None where no number can be given.
    length: float | None
    fields: tuple[Field, ...]

    def kept(self, kind: str) -> list[Field]:
        """Its fields of one kind (sealed, plain, derived), each name once."""
        return list({f.name: f for f in self.fields if f.kind == kind}.values())

    @property
    def sealed(self) -> list[Field]:
        return self.kept(SEALED)

    @property
    def plain(self) -> list[Field]:
        return self.kept(PLAIN)

    @property
    def derived(self) -> list[Field]:
        return self.kept(DERIVED)

    @property
    def different(self) -> list[Field]:
        """Fields with a purpose, a time or a basis of their own."""
        return [f for f in self.fields if f.purpose or f.retention or f.basis]

    @property
    def told_differently(self) -> list[Field]:
        return [field for field in self.told if field in self.different]

    @property
    def told(self) -> list[Field]:
        """What means something to a reader who knows no tables: each name once."""
        meant = {f.name: f for f in self.fields if not f.is_technical and f.kind != DERIVED}
        return list(meant.values())


@dataclass(frozen=True, slots=True)
class Activity:
    """All that serves one purpose."""

    purpose: str
    tables: tuple[Table, ...]

    @property
    def subjects(self) -> list[str]:
        named = {subject for table in self.tables for subject in table.subjects}
        return [str(subject.label) for subject in DataSubject if subject in named]

    @property
    def bases(self) -> list[str]:
        return _once(basis for table in self.tables for basis in table.bases)

    @property
    def retentions(self) -> list[str]:
        return _once(table.retention for table in self.tables)


def activities(subject: DataSubject | None = None) -> list[Activity]:
    """Every purpose for which data about people is kept, in the active language; with a subject,
    those that concern such people, and on what each rests for them."""
    by_purpose: dict[str, list[Table]] = {}
    for declared in sorted(declared_models(), key=_place):
        about = declared.about or ()
        wanted = [one for one in about if subject in (None, one)]
        if wanted:
            table = _table(declared, tuple(wanted))
            by_purpose.setdefault(str(declared.purpose), []).append(table)
    return [Activity(purpose, tuple(tables)) for purpose, tables in by_purpose.items()]


def field_name(field: models.Field[Any, Any]) -> str:
    """What a field is called to a reader; a link to another row by what that row is."""
    if field.primary_key and field.remote_field is None and not _has_own_name(field):
        return _("identifier")
    if isinstance(field, BlindIndexField):
        return _("keyed fingerprint, to find it by")
    if field.remote_field is not None and not _has_own_name(field):
        return str(field.remote_field.model._meta.verbose_name)
    return str(field.verbose_name)


def _has_own_name(field: models.Field[Any, Any]) -> bool:
    return field._verbose_name is not None  # type: ignore[attr-defined]


def _table(declared: ModelDeclaration, subjects: tuple[DataSubject, ...]) -> Table:
    meta = declared.model._meta
    bases = _once(
        str(basis.label) for one in subjects if (basis := declared.basis_of(one)) is not None
    )
    return Table(
        name=str(meta.verbose_name_plural),
        subjects=subjects,
        bases=tuple(bases),
        retention=str(declared.retention),
        length=declared.retention.length if isinstance(declared.retention, Period) else None,
        fields=tuple(_field(declared, field) for field in _in_order(declared)),
    )


def _in_order(declared: ModelDeclaration) -> list[FieldDeclaration]:
    """As the model names them: a set of names has no order."""
    by_name = {field.name: field for field in declared.fields}
    meta = declared.model._meta
    columns = (*meta.fields, *meta.many_to_many)
    return [by_name[column.name] for column in columns if column.name in by_name]


def _field(declared: ModelDeclaration, field: FieldDeclaration) -> Field:
    column: Any = declared.model._meta.get_field(field.name)  # A test: each name is a field.
    purpose, retention = str(field.purpose), str(field.retention)
    return Field(
        name=field_name(column),
        kind=field.kind,
        is_technical=not _has_own_name(column),
        purpose="" if purpose == str(declared.purpose) else purpose,
        retention="" if retention == str(declared.retention) else retention,
        basis=str(field.basis.label) if field.basis else "",
    )


def _place(declared: ModelDeclaration) -> tuple[int, int]:
    label = declared.model._meta.app_label
    floor = _FLOORS.index(label) if label in _FLOORS else len(_FLOORS)
    return floor, list(apps.get_models()).index(declared.model)


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
