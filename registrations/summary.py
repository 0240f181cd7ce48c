"""Answers as rows to read: for the list of stays and for checking before sending."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from geography.countries import country_name
from geography.labels import label_place
from geography.models import Place
from notifications.channels.installed import channel_labels
from notifications.enums import Channel
from registrations.answers import (
    OPEN_END,
    Answers,
    CompanionAnswer,
    ContactAnswer,
    FamilyAnswer,
    StayAnswer,
)
from registrations.enums import (
    CompanionConsent,
    ConsentPurpose,
    Gender,
    Precision,
    StayKind,
    TravelPurpose,
)
from registrations.locating import town_of_region

Row = dict[str, Any]


def describe_stays(stays: Sequence[StayAnswer]) -> list[Row]:
    """Label, days and addresses of pages for each stay; one query for all their places."""
    places = Place.objects.in_bulk([stay.place_id for stay in stays if stay.place_id])
    return [
        {
            "label": _label(stay, places),
            "kind": kind_label(stay.kind),
            "days": describe_days(stay.starts_on, stay.ends_on),
            "address": stay.exact_address,
            "more": [
                line
                for line in (purpose_label(stay.purpose), stay.aboard_or_with, stay.exact_address)
                if line
            ],
            "change_url": reverse("edit_stay", args=[UUID(stay.key)]) if stay.key else "",
            "remove_url": reverse("remove_stay", args=[UUID(stay.key)]) if stay.key else "",
        }
        for stay in stays
    ]


def kind_label(kind: str) -> str:
    return {
        StayKind.TRIP: _("Trip"),
        StayKind.RESIDENCE: _("Residence"),
        StayKind.VOYAGE: _("Voyage"),
    }[StayKind(kind)]


def purpose_label(purpose: str) -> str:
    """The purpose of travel; empty where none was given."""
    return str(TravelPurpose(purpose).label) if purpose else ""


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
    return date_format(day, "DATE_FORMAT")


def sections(answers: Answers) -> list[Row]:
    """What was answered, a section for each step, with the page where each list grows."""
    return [
        _section(_("You"), _who(answers)),
        _section(
            _("Where and when"), _where(answers), reverse("add_stay"), _("Add or remove a stay")
        ),
        _section(
            _("Who travels with you"),
            _people(describe_companions(answers.companions)),
            reverse("enter_people"),
            _("Add or remove people who travel with you"),
        ),
        _section(
            _("Whom to call at home"),
            _people(describe_family(answers.family)),
            reverse("enter_people"),
            _("Add or remove people at home"),
        ),
        _section(_("What you agree to"), _consents(answers)),
    ]


def _section(title: str, rows: list[Row], add_url: str = "", add_label: str = "") -> Row:
    return {"title": title, "rows": rows, "add_url": add_url, "add_label": add_label}


def _label(stay: StayAnswer, places: dict[int, Place]) -> str:
    if stay.precision == Precision.PLACE and stay.place_id in places:
        return label_place(places[stay.place_id])
    if stay.precision == Precision.REGION:
        return region_label(stay.country, stay.admin1)
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


def region_label(country: str, admin1: str) -> str:
    """Called after its largest town, for regions have only codes here."""
    town = town_of_region(country, admin1)
    if town is None:
        return somewhere_label(country_name(country))
    return _("The region around %(place)s") % {"place": label_place(town)}


def _who(answers: Answers) -> list[Row]:
    who = reverse("enter_name")
    rows: list[Row] = [{"label": _("Name"), "value": answers.name, "change_url": who}]
    rows += [
        {
            "label": channel_label(contact.channel),
            "lines": [
                contact.address,
                _proved(contact),
                *([] if contact.works_abroad else [_("Does not work abroad")]),
            ],
            "change_url": who if contact.verified_at else reverse("confirm_code"),
        }
        for contact in answers.contacts
    ]
    language = dict(settings.LANGUAGES).get(answers.language, answers.language)
    rows.append({"label": _("Language"), "value": language, "change_url": who})
    if answers.document_number:
        document = _("Passport or identity card")
        rows.append({"label": document, "value": answers.document_number, "change_url": who})
    if answers.birth_date:
        born = describe_day(answers.birth_date)
        rows.append({"label": _("Date of birth"), "value": born, "change_url": who})
    return rows


def channel_label(channel: str) -> str:
    own: dict[str, str] = {Channel.MAIL: _("Email address"), Channel.SMS: _("Mobile number")}
    return own.get(channel) or str(channel_labels()[channel])


def _proved(contact: ContactAnswer) -> str:
    if contact.verified_at:
        return _("Proved with a code")
    return _("Not proved yet, so we will not use it")


def _where(answers: Answers) -> list[Row]:
    return [
        {
            "label": stay["kind"],
            "lines": [stay["label"], stay["days"], *stay["more"]],
            "change_url": stay["change_url"],
            "change_label": stay["label"],
        }
        for stay in describe_stays(answers.stays)
    ]


def _people(entries: list[Row]) -> list[Row]:
    nobody: Row = {"label": _("Name"), "value": ""}
    return [{**entry, "change_label": entry["label"]} for entry in entries] or [nobody]


def _consents(answers: Answers) -> list[Row]:
    gender = str(Gender(answers.gender).label) if answers.gender else ""
    told: dict[str, list[str]] = {
        ConsentPurpose.NEEDS: answers.needs.splitlines(),
        ConsentPurpose.STATISTICS: [gender, answers.home_region],
    }
    return [
        {
            "label": purpose.label,
            "lines": [
                _("Yes") if purpose in answers.consents else _("No"),
                *(line for line in told.get(purpose, []) if line),
            ],
            "change_url": reverse("give_consents"),
        }
        for purpose in ConsentPurpose
    ]
