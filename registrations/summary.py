"""Answers as rows to read: for the list of stays and for checking before sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from geography.countries import country_name
from geography.labels import label_place
from geography.models import Place
from notifications.enums import Channel
from registrations.answers import (
    OPEN_END,
    Answers,
    CompanionAnswer,
    ContactAnswer,
    FamilyAnswer,
    StayAnswer,
)
from registrations.enums import CompanionConsent, ConsentPurpose, Precision, StayKind

Row = dict[str, Any]


def describe_stays(stays: Sequence[StayAnswer]) -> list[Row]:
    """Label, days and addresses of pages for each stay; one query for all their places."""
    places = Place.objects.in_bulk([stay.place_id for stay in stays if stay.place_id])
    return [
        {
            "label": _label(stay, places),
            "kind": _("Residence") if stay.kind == StayKind.RESIDENCE else _("Trip"),
            "days": describe_days(stay.starts_on, stay.ends_on),
            "address": stay.exact_address,
            "change_url": reverse("edit_stay", args=[UUID(stay.key)]) if stay.key else "",
            "remove_url": reverse("remove_stay", args=[UUID(stay.key)]) if stay.key else "",
        }
        for stay in stays
    ]


def describe_companions(companions: Sequence[CompanionAnswer]) -> list[Row]:
    return [
        {
            "label": item.name,
            "lines": _companion_lines(item),
            **_urls("companion", item.key),
        }
        for item in companions
    ]


def describe_family(family: Sequence[FamilyAnswer]) -> list[Row]:
    return [
        {
            "label": item.name,
            "lines": [line for line in (item.relationship, item.phone, item.mail) if line],
            **_urls("family", item.key),
        }
        for item in family
    ]


def _urls(kind: str, key: str) -> Row:
    if not key:
        return {"change_url": reverse("enter_people"), "remove_url": ""}
    return {
        "change_url": reverse(f"edit_{kind}", args=[UUID(key)]),
        "remove_url": reverse(f"remove_{kind}", args=[UUID(key)]),
    }


def _companion_lines(item: CompanionAnswer) -> list[str]:
    born = _("Born on %(day)s") % {"day": describe_day(item.birth_date)} if item.birth_date else ""
    agreed = {
        CompanionConsent.GUARDIAN: _("Under 18; a parent or guardian agrees"),
        CompanionConsent.IN_PERSON: _("Agrees beside you"),
        CompanionConsent.INVITED: _("We write to them, so that they agree for themselves"),
    }[CompanionConsent(item.consent)]
    return [line for line in (born, agreed, item.mail, item.phone) if line]


def describe_days(starts_on: dt.date, ends_on: dt.date) -> str:
    start = describe_day(starts_on)
    if ends_on == OPEN_END:
        return _("From %(start)s, no end planned") % {"start": start}
    return _("%(start)s to %(end)s") % {"start": start, "end": describe_day(ends_on)}


def describe_day(day: dt.date) -> str:
    # Django's English puts the month first, which readers of other English take for the day.
    is_english = (get_language() or "en").startswith("en")
    return date_format(day, "j F Y" if is_english else "DATE_FORMAT")


def sections(answers: Answers) -> list[Row]:
    """What was answered, a section for each step."""
    return [
        {"title": _("You"), "rows": _who(answers)},
        {"title": _("Where and when"), "rows": _where(answers)},
        {"title": _("Whom to call at home"), "rows": _family(answers.family)},
        {"title": _("What you agree to"), "rows": _consents(answers.consents)},
    ]


def _label(stay: StayAnswer, places: dict[int, Place]) -> str:
    if stay.precision == Precision.PLACE and stay.place_id in places:
        return label_place(places[stay.place_id])
    country = country_name(stay.country) if stay.country else ""
    if stay.latitude is not None and stay.longitude is not None:
        where = country or _("at sea")
        return f"{stay.latitude:.4f}, {stay.longitude:.4f} ({where})"
    return pin_label(country) if stay.precision == Precision.PIN else somewhere_label(country)


def pin_label(country: str) -> str:
    if not country:
        return _("A point at sea")
    return _("A point on the map of %(country)s") % {"country": country}


def somewhere_label(country: str) -> str:
    return _("Somewhere in %(country)s") % {"country": country}


def _who(answers: Answers) -> list[Row]:
    who = reverse("enter_name")
    rows: list[Row] = [{"label": _("Name"), "value": answers.name, "change_url": who}]
    rows += [
        {
            "label": channel_label(contact.channel),
            "lines": [contact.address, _proved(contact)],
            "change_url": who if contact.verified_at else reverse("confirm_code"),
        }
        for contact in answers.contacts
    ]
    language = dict(settings.LANGUAGES).get(answers.language, answers.language)
    rows.append({"label": _("Language"), "value": language, "change_url": who})
    return rows


def channel_label(channel: str) -> str:
    return _("Email address") if channel == Channel.MAIL else _("Mobile number")


def _proved(contact: ContactAnswer) -> str:
    if contact.verified_at:
        return _("Proved with a code")
    return _("Not proved yet, so we will not use it")


def _where(answers: Answers) -> list[Row]:
    return [
        {
            "label": stay["kind"],
            "lines": [stay["label"], stay["days"], *([stay["address"]] if stay["address"] else [])],
            "change_url": stay["change_url"],
            "change_label": stay["label"],
        }
        for stay in describe_stays(answers.stays)
    ]


def _family(family: tuple[FamilyAnswer, ...]) -> list[Row]:
    return [
        {
            "label": _("Family contact"),
            "lines": [
                line for line in (item.name, item.relationship, item.phone, item.mail) if line
            ],
            "value": "",
            "change_url": reverse("enter_people"),
        }
        for item in family or (FamilyAnswer(""),)
    ]


def _consents(given: frozenset[str]) -> list[Row]:
    return [
        {
            "label": purpose.label,
            "value": _("Yes") if purpose in given else _("No"),
            "change_url": reverse("give_consents"),
        }
        for purpose in ConsentPurpose
    ]
