"""What may be said of people in an officer's list, before any record is opened."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from geography.countries import country_name
from registrations.models import Person, Stay


def facts_of(
    identifiers: Collection[UUID], countries: Collection[str] | None
) -> dict[UUID, dict[str, Any]]:
    """What may be said of people in a list, by identifier: no name and no address.

    With `countries` (ISO 3166) those of other stays are not named.
    """
    stays: dict[UUID, set[str]] = {}
    for person_id, country in (
        Stay.objects.filter(person__in=identifiers)
        .order_by("person_id", "country")
        .values_list("person_id", "country")
        .distinct()
    ):
        stays.setdefault(person_id, set()).add(country)
    return {
        person.pk: {
            "pk": person.pk,
            "reference": person.reference,
            "source": person.get_source_display(),
            "countries": _named(stays.get(person.pk, set()), countries),
            "created_at": person.created_at,
        }
        for person in Person.objects.filter(pk__in=identifiers)
        .only("source", "created_at")
        .order_by("pk")
    }


def _named(codes: Collection[str], seen: Collection[str] | None) -> str:
    if not codes:
        return _("No stay")
    names = sorted(
        country_name(code) if code else _("At sea")
        for code in codes
        if seen is None or code in seen
    )
    return ", ".join(names + ([] if len(names) == len(codes) else [_("elsewhere")]))
