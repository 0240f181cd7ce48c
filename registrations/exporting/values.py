"""A row's values as JSON takes them, and back, checked by the model's own rules."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime

from accounts.models import E164
from notifications.enums import Channel
from privacy.fields import SealedMixin
from registrations.enums import TYPED_CHANNELS, CompanionConsent, Precision
from registrations.exporting.tables import Table
from registrations.models import Companion, ContactPoint, Stay, Verdict
from registrations.validation import MailAddress


class Unacceptable(Exception):
    """A row breaks a rule. Says which column of which table; never a value."""


def to_json(table: Table, row: models.Model) -> dict[str, Any]:
    """A row's columns by name; sealed values are opened."""
    return {
        column.attname: _encoded(column, getattr(row, column.attname)) for column in table.columns
    }


def _encoded(column: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    # A cell is 64 bits wide, and some readers of JSON keep only 53.
    if isinstance(column, models.BigIntegerField) and value is not None:
        return str(value)
    return value


def from_json(table: Table, item: Any, **owner: UUID) -> Any:
    """An unsaved row, its blind indexes made with this portal's key. Raises Unacceptable.

    What the document does not hold takes its default: it was written before that column was.
    """
    name = table.model._meta.label_lower
    if not isinstance(item, dict):
        raise Unacceptable(name)
    columns = {column.attname: column for column in table.columns}
    unknown = sorted(set(item) - set(columns))
    if unknown:
        # To drop it would lose what a newer portal knows.
        raise Unacceptable(f"{name}: a column that this portal does not have")
    if "id" not in item:
        raise Unacceptable(f"{name}.id")
    values = {
        attname: _decoded(columns[attname], value, f"{name}.{attname}")
        for attname, value in item.items()
    }
    row = table.model(**values, **owner)
    for attname, column in columns.items():
        _check(row, column, f"{name}.{attname}")
    _check_together(row, name)
    for attname, index in table.indexed.items():
        setattr(row, attname, index(row))
    return row


def _decoded(column: models.Field[Any, Any], value: Any, where: str) -> Any:
    if value is None or isinstance(column, models.JSONField):
        return value
    is_text = isinstance(column, models.CharField | models.TextField | models.UUIDField)
    is_text |= isinstance(column, models.DateField | models.BigIntegerField)
    if isinstance(column, models.ForeignKey):
        is_text = isinstance(column.target_field, models.UUIDField)
    if is_text != isinstance(value, str):
        raise Unacceptable(where)
    try:
        if isinstance(column, models.DateTimeField):
            moment = parse_datetime(value)
            if moment is None or moment.tzinfo is None:
                raise Unacceptable(where)
            return moment
        return column.to_python(value)
    except (ValidationError, ValueError, OverflowError):
        raise Unacceptable(where) from None


def _check(row: models.Model, column: models.Field[Any, Any], where: str) -> None:
    value = getattr(row, column.attname)
    if value in (None, "") and (column.null or column.blank):
        return
    if isinstance(column, models.ForeignKey):
        if value is None:
            raise Unacceptable(where)
        return  # Whom and what it names is looked up for the whole document at once.
    try:
        column.clean(value, row)
    except (ValidationError, ValueError):
        raise Unacceptable(where) from None
    if column.attname == "language" and value not in dict(settings.LANGUAGES):
        raise Unacceptable(f"{where}: a language that this portal does not speak")
    if "\x00" in str(value) and not isinstance(column, SealedMixin):
        raise Unacceptable(where)


def _check_together(row: Any, name: str) -> None:
    """What the database would refuse, so that it is known before anything is written."""
    if isinstance(row, Stay):
        located = {
            Precision.PIN: row.cell is not None,
            Precision.PLACE: row.cell is not None and row.place_id is not None,
        }.get(Precision(row.precision), row.cell is None)
        if not located or row.ends_on < row.starts_on:
            raise Unacceptable(f"{name}: a stay that contradicts itself")
    elif isinstance(row, Companion):
        if row.is_minor != (row.consent == CompanionConsent.GUARDIAN):
            raise Unacceptable(f"{name}.consent")
    elif isinstance(row, Verdict):
        if row.first_id >= row.second_id:
            raise Unacceptable(f"{name}: a pair out of order")
    elif isinstance(row, ContactPoint):
        try:
            if row.channel == Channel.MAIL:
                MailAddress.parse(row.address)
            elif row.channel in TYPED_CHANNELS and not re.fullmatch(E164, row.address):
                raise Unacceptable(f"{name}.address")
        except ValidationError:
            raise Unacceptable(f"{name}.address") from None
