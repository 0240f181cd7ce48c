"""The privacy notice: what each kind of person is told, read from the declarations."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oversight.activities import Activity, activities
from privacy.processing import DataSubject


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks what is kept about them. `anchor` is the section's place on the page.

    Staff read which kinds of record name them, not every column of those: `names_fields`.
    """

    anchor: str
    title: Promise
    subjects: tuple[DataSubject, ...]
    source: Promise
    names_fields: bool = True

    @property
    def activities(self) -> list[Activity]:
        found: dict[str, Activity] = {}
        for subject in self.subjects:
            for activity in activities(subject):
                known = found.get(activity.purpose)
                tables = activity.tables
                if known:
                    names = {table.name for table in known.tables}
                    tables = (*known.tables, *(t for t in tables if t.name not in names))
                found[activity.purpose] = Activity(activity.purpose, tables)
        return list(found.values())


READERS = (
    Reader(
        "registered",
        _("You registered, or somebody you travel with did"),
        (DataSubject.TRAVELLER, DataSubject.COMPANION),
        _("You told us yourself, or the person you travel with did. Tell your companions."),
    ),
    Reader(
        "family",
        _("You were listed as a family contact"),
        (DataSubject.FAMILY,),
        _("The person who listed you told us. We write to you once and say so."),
    ),
    Reader(
        "reported",
        _("Somebody told us about you"),
        (DataSubject.REPORTED,),
        _("A relative, a fellow traveller or your group told us. We write to you and say so."),
    ),
    Reader(
        "reporter",
        _("You told us about somebody, or lead a group"),
        (DataSubject.REPORTER,),
        _("You told us yourself."),
    ),
    Reader(
        "staff",
        _("You work for the ministry"),
        (DataSubject.STAFF,),
        _("Your ministry told us, and the portal notes what you do in it."),
        names_fields=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """One time for which something is kept, and what is."""

    retention: str
    tables: tuple[str, ...]


def stretches() -> list[Stretch]:
    """How long what is kept of people who do not work here, the shortest first; what has no number
    comes last."""
    kept: dict[str, dict[str, None]] = {}
    lengths: dict[str, float] = {}
    for activity in activities():
        for table in activity.tables:
            if table.subjects == (DataSubject.STAFF,):
                continue
            kept.setdefault(table.retention, {})[table.name] = None
            lengths[table.retention] = float("inf") if table.length is None else table.length
    ordered = sorted(kept, key=lambda retention: lengths[retention])
    return [Stretch(retention, tuple(kept[retention])) for retention in ordered]
