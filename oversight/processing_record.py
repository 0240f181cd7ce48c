"""The record of processing activities (GDPR article 30) as a text, in the active language."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import gettext as _

from oversight.activities import Activity, Field, Table, activities
from oversight.facts import RECIPIENTS, SECURITY, TRANSFERS, controller


def record_as_markdown() -> str:
    lines = [
        f"# {_('Record of processing activities')}",
        "",
        _(
            "Written by `manage.py write_processing_record` from what the code declares beside "
            "each table. Do not edit it: change the declaration and write it again."
        ),
        "",
        f"- **{_('Controller')}:** {controller()}",
        f"- **{_('Data protection officer')}:** {settings.DPO_CONTACT}",
        "",
    ]
    for activity in activities():
        lines += _activity(activity)
    for title, sentences in (
        (_("Who receives data"), RECIPIENTS),
        (_("Transfers to other countries"), TRANSFERS),
        (_("How it is protected"), SECURITY),
    ):
        lines += [f"## {title}", "", *(f"- {sentence}" for sentence in sentences), ""]
    return "\n".join(lines)


def _activity(activity: Activity) -> Iterable[str]:
    yield f"## {activity.purpose}"
    yield ""
    yield f"- **{_('People')}:** {_joined(activity.subjects)}"
    yield f"- **{_('Legal basis')}:** {_joined(activity.bases)}"
    yield ""
    for table in activity.tables:
        yield from _table(table)


def _table(table: Table) -> Iterable[str]:
    yield f"### {table.name[:1].upper()}{table.name[1:]}"
    yield ""
    yield f"- **{_('Kept')}:** {table.retention}"
    for title, fields in (
        (_("Encrypted"), table.sealed),
        (_("Not encrypted"), table.plain),
        (_("Computed from other data"), table.derived),
    ):
        if fields:
            yield f"- **{title}:** {_joined(field.name for field in fields)}"
    for field in table.different:
        yield f"- **{field.name}:** {_different(field)}"
    yield ""


def _different(field: Field) -> str:
    return _joined(part for part in (field.purpose, field.basis, field.retention) if part)


def _joined(parts: Iterable[str]) -> str:
    """With a sign that every script reads alike."""
    return " · ".join(parts)
