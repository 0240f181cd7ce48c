"""Registrations of every kind, their export, and documents made wrong on purpose."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pyrage
from django.utils import timezone

from audit.actors import Actor
from registrations import actions
from registrations.actions import importing
from registrations.actions.exporting import export_registrations
from registrations.actions.importing import check_document, import_registrations
from registrations.answers import CompanionAnswer, ContactAnswer
from registrations.enums import GroupKind, Source
from registrations.exporting.document import Summary, write_lines
from registrations.exporting.sealing import encrypt
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Group,
    Invitation,
    Merge,
    Person,
    PersonKey,
    Report,
    Stay,
    Verdict,
)
from tests.factories.registrations import (
    country_stay,
    make_person,
    make_places,
    pin_stay,
    place_stay,
    today,
)

BY = Actor.system("tests")
IDENTITY = pyrage.x25519.Identity.generate()
EVERYTHING = (
    Merge, Verdict, Invitation, PersonKey, Report, FocalPoint, Consent, Companion, FamilyContact,
    Stay, ContactPoint, Person, Group,
)  # fmt: skip


def export() -> bytes:
    target = io.BytesIO()
    export_registrations(to=target, recipients=[str(IDENTITY.to_public())], by=BY)
    return target.getvalue()


def lines_of(data: bytes) -> list[dict[str, Any]]:
    opened = pyrage.decrypt(data, [IDENTITY])
    return [json.loads(line) for line in opened.decode().split("\n") if line]


def take(data: bytes) -> importing.Imported:
    source = io.BytesIO(data)
    check_document(source, identities=[IDENTITY], on_header=lambda header: None)
    return import_registrations(source, identities=[IDENTITY], by=BY)


def sealed_again(lines: list[dict[str, Any]]) -> bytes:
    """A document of these lines, its trailer made right for them."""
    header, *items = [line for line in lines if line.get("kind") != "end"]
    target = io.BytesIO()
    written = write_lines(header, ((item.pop("kind"), item) for item in items), Summary())
    encrypt(written, to=target, recipients=[IDENTITY.to_public()])
    return target.getvalue()


def empty() -> None:
    for model in EVERYTHING:
        model._default_manager.all().delete()
    assert not Person.objects.exists()


def make_portal() -> dict[str, Any]:
    """Some of everything that an export holds."""
    places = make_places()
    group = Group.objects.create(
        kind=GroupKind.SCHOOL, name="Liceo 7", organiser_name="Inés", organiser_mail="i@liceo.cl",
        organiser_index=b"\x01" * 32, language="es", stays=[{"kind": "trip"}],
        ends_on=today() + dt.timedelta(days=30),
    )  # fmt: skip
    ana = make_person(
        name="Ana Pérez 🙂 آنا\u2028",
        stays=(
            pin_stay(exact_address="12 Jhamsikhel Road", aboard_or_with="Himal Tours"),
            place_stay(places["Suva FJ"], kind="residence"),
            country_stay("CL"),
        ),
        contacts=(
            ContactAnswer("mail", "Ana@example.org", verified_at=timezone.now()),
            ContactAnswer("sms", "+34600123456", verified_at=timezone.now(), works_abroad=False),
        ),
        companions=(CompanionAnswer("Leo", True, "guardian", dt.date(2019, 5, 4)),),
        document_number="XDB123456",
        birth_date=dt.date(1990, 2, 28),
        gender="female",
        home_region="Valparaíso",
        needs="Insulin",
        consents=frozenset({"crisis_contact", "needs", "statistics"}),
    )
    actions.withdraw_consent(person_id=ana.pk, purpose="statistics", by=BY)
    shell = make_person(name="Anita Perez", document_number="XDB123456")
    olga, zoe = make_person(name="Olga Ruiz"), make_person(name="Zoe Ruiz", family=())
    FocalPoint.objects.create(
        person=ana, place=places["Suva FJ"], country="FJ", community="Parish", text_version="1"
    )
    Companion.objects.create(
        person=olga, name="Zoe", is_minor=False, consent="invited", text_version="1", invited=zoe
    )
    Report.objects.create(
        person=zoe, source=Source.COMPANION, named_by=olga, group=group, note="Said at the desk",
        reporter={"name": "Olga"},
    )  # fmt: skip
    FamilyContact.objects.create(
        person=olga, objected_at=timezone.now(), address_index=b"\x07" * 32
    )
    Invitation.objects.create(
        index=b"\x08" * 32, refused_at=timezone.now(), keep_until=today() + dt.timedelta(days=9)
    )
    merge = actions.merge_people(kept_id=ana.pk, absorbed_id=shell.pk, by=BY)
    verdict = actions.part_people(first_id=olga.pk, second_id=zoe.pk, by=BY)
    return {
        "ana": ana, "shell": shell, "olga": olga, "zoe": zoe, "group": group, "merge": merge,
        "verdict": verdict,
    }  # fmt: skip


def told(data: bytes) -> list[str]:
    """The document's lines but the header's moment and key, and the trailer's digest of them."""
    header, *items, trailer = lines_of(data)
    return [
        json.dumps(item, sort_keys=True)
        for item in (
            {**header, "created_at": "", "index_check": ""},
            *items,
            {**trailer, "sha256": ""},
        )
    ]


def changed_person(lines: list[dict[str, Any]], person: Person) -> dict[str, Any]:
    return next(
        line
        for line in lines
        if line.get("kind") == "person" and line["row"]["id"] == str(person.pk)
    )
