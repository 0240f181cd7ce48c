"""Who has looked at my data, in plain words; and all of it to take along, nothing forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from audit.actors import Actor
from audit.ledger import entries_about, record
from audit.purposes import Purpose
from crises.models import Answer, Stopped
from privacy.blind_index import BlindIndexField
from privacy.declarations import declarations
from registrations import takeout
from registrations.access_log import read_access_log
from registrations.models import (
    Companion,
    FocalPoint,
    Person,
    Report,
)
from registrations.reading import read_own, read_person
from tests.factories.accounts import make_post, make_user
from tests.factories.crises import make_crisis
from tests.factories.groups import make_group
from tests.factories.registrations import KATHMANDU, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    """Someone of whom everything is kept that can be."""
    group = make_group(name="School Trip")
    person = make_person(
        document_number="X123456",
        needs="insulin",
        gender="female",
        home_region="Norte",
        consents=frozenset({"crisis_contact", "needs", "statistics"}),
    )
    person.group = group
    person.save(update_fields=["group"])
    Companion.objects.create(
        person=person, name="Leo", is_minor=True, consent="guardian", text_version="1"
    )
    FocalPoint.objects.create(
        person=person, place_id=KATHMANDU, country="NP", community="Parish", text_version="1"
    )
    Report.objects.create(
        person=person,
        source="relative",
        reporter={"name": "Uncle", "contact": "+34911222333", "relationship": "uncle"},
        note="Seen at the airport",
    )
    return person


def test_others_are_named_by_their_post_or_role_and_never_by_name(visit: Client, person: Person):
    post = make_post(name="Embassy in Kathmandu", jurisdiction=["NP"])
    officer = make_user(post=post, name="Officer Quiroga")
    coordinator = make_user(Role.COORDINATOR, name="Coordinator Zamora", post=None)
    for user in (officer, coordinator):
        read_person(person_id=person.pk, purpose=Purpose.CRISIS, by=user)
    kinds = [Actor.agency("red-cross"), Actor.system("sweep"), Actor.traveller(make_person().pk)]
    for by in kinds:
        record(action="person.read", by=by, purpose=Purpose.ASSISTANCE, subjects=[person.pk])
    page = visit.get(reverse("read_access_log")).content.decode()
    for words in (
        "Embassy in Kathmandu",
        "The ministry&#x27;s crisis coordination",
        "A partner agency",
        "The portal itself",
        "Another registered person",
        "Read your registration",
        "warning and assisting people in a crisis",
        "consular assistance in one case",
    ):
        assert words in page, words
    for secret in ("Quiroga", "Zamora", officer.email, str(officer.pk), "red-cross"):
        assert secret not in page


def test_ones_own_readings_are_grouped_and_do_not_drown_the_rest(visit: Client, person: Person):
    for _ in range(5):
        visit.get(reverse("read_registration"))
    visit.get(reverse("read_access_log"))
    lines, has_more = read_access_log(person.pk)
    assert not has_more
    own = {line.action: line for line in lines if line.is_own}
    assert own["person.read"].times == 5
    assert own["person.read"].who == "You"
    page = visit.get(reverse("read_access_log")).content.decode()
    assert "5 times" in page
    assert page.count("Read your registration") == 1
    assert read_access_log(person.pk, limit=3)[1]


def test_an_act_without_words_is_still_shown(person: Person):
    record(action="novel.act", by=None, purpose=Purpose.MAINTENANCE, subjects=[person.pk])
    newest = read_access_log(person.pk)[0][0]
    assert newest.what == "Something was done that concerns your registration"
    assert newest.who == "Someone who was not signed in"


def test_the_file_holds_every_declared_field(visit: Client, person: Person):
    """A field that is declared beside its model cannot be forgotten in the file."""
    response = visit.get(reverse("download_data"))
    data = json.loads(response.content)
    assert (data["format"], data["version"]) == (takeout.FORMAT, takeout.VERSION)
    rows = {"person": [data["person"]]} | {name: data[name] for name in takeout.TABLES}
    models: dict[str, type[Model]] = {"person": Person, **takeout.TABLES}
    for name, found in rows.items():
        assert found, name
        declared = {
            field.name
            for field in declarations(models[name])
            if not isinstance(models[name]._meta.get_field(field.name), BlindIndexField)
        }
        for row in found:
            assert declared <= set(row), name


def test_every_model_that_hangs_on_a_person_is_in_the_file_or_left_out_with_a_reason():
    related = {
        model
        for model in apps.get_models()
        if model is not Person
        and any(field.related_model is Person for field in model._meta.concrete_fields)
    }
    taken = set(takeout.TABLES.values())
    assert {model._meta.model_name for model in related - taken} == takeout.LEFT_OUT


def test_the_file_holds_what_was_said_consented_reported_and_done(visit: Client, person: Person):
    actions_before = [entry.action for entry in entries_about(person.pk)]
    response = visit.get(reverse("download_data"))
    data = json.loads(response.content)
    text = response.content.decode()
    for word in (
        "Ana Pérez", "X123456", "insulin", "female", "Norte", "School Trip", "ana@example.org",
        "Leo", "Luz Pérez", "Parish", "Seen at the airport", "Uncle", "crisis_contact",
    ):  # fmt: skip
        assert word in text, word
    assert [entry["action"] for entry in data["access_log"]] == [
        "registration.download",
        *actions_before,
    ]
    # A cell is wider than some readers of JSON can count.
    assert data["stays"][0]["cell"] == str(person.stays.get().cell)


@pytest.mark.parametrize(
    ("name", "kind"), [("download_data", "application/json"), ("download_page", "text/html")]
)
def test_downloads_are_files_that_nothing_keeps_and_the_ledger_notes(visit, person, name, kind):
    response = visit.get(reverse(name))
    assert response["Content-Type"].startswith(kind)
    assert response["Content-Disposition"].startswith('attachment; filename="registration-')
    assert "no-store" in response["Cache-Control"]
    assert "registration.download" in [entry.action for entry in entries_about(person.pk)]


def test_the_page_to_read_needs_nothing_else(visit: Client, person: Person):
    page = visit.get(reverse("download_page")).content.decode()
    for word in (
        "Ana Pérez", "insulin", "Norte", "School Trip", "Leo", "Luz Pérez", "Parish",
        "Seen at the airport", "2026-11-22", "Downloaded all that is kept about you",
    ):  # fmt: skip
        assert word in page, word
    assert "src=" not in page
    assert "href=" not in page


def test_what_the_floors_above_keep_is_in_the_file(visit: Client, person: Person, monkeypatch):
    monkeypatch.setattr(takeout, "_keepers", {})
    takeout.bind_keeper("opinions", lambda people: [{"of": str(people[0])}], title="Opinions")
    data = json.loads(visit.get(reverse("download_data")).content)
    assert data["opinions"] == [{"of": str(person.pk)}]
    assert "Opinions" in visit.get(reverse("download_page")).content.decode()


def test_who_read_a_registration_is_told_after_it_was_merged(visit: Client, person: Person):
    absorbed = make_person(name="Anita")
    read_person(
        person_id=absorbed.pk, purpose=Purpose.CRISIS, by=make_user(Role.COORDINATOR, post=None)
    )
    read_own(person_id=absorbed.pk, by=Actor.traveller(absorbed.pk))
    Person.objects.filter(pk=absorbed.pk).update(merged_into=person)
    lines, _has_more = read_access_log(person.pk)
    assert [line.is_own for line in lines if line.action == "person.read"] == [True, False]
    data = json.loads(visit.get(reverse("download_data")).content)
    reads = [row["who"] for row in data["access_log"] if row["action"] == "person.read"]
    assert reads == ["You", "The ministry's crisis coordination"]


def test_merged_registrations_are_in_the_file(visit: Client, person: Person):
    merged = make_person(name="Anita")
    Person.objects.filter(pk=merged.pk).update(merged_into=person)
    data = json.loads(visit.get(reverse("download_data")).content)
    assert [row["name"] for row in data["merged_registrations"]] == ["Anita"]


def test_an_officer_reads_needs_only_while_their_consent_stands(person: Person):
    officer = make_user(post=make_post(jurisdiction=["NP"]))
    asked: dict[str, Any] = {"person_id": person.pk, "purpose": Purpose.CRISIS, "by": officer}
    found = read_person(**asked)
    assert found["needs"] == "insulin"
    assert [row["label"] for row in found["companions"]] == ["Leo"]
    assert found["reports"]
    assert found["focal_point"]
    assert "Proved with a code" in found["contacts"][0]["lines"]
    # What only statistics use is not for officers.
    assert "Norte" not in str(found["about"])
    person.consents.filter(purpose="needs").update(withdrawn_at=timezone.now())
    assert read_person(**asked)["needs"] == ""


def test_the_file_holds_ones_answers_in_a_crisis(visit: Client, person: Person):
    crisis = make_crisis()
    given: dict[str, Any] = {"crisis": crisis, "via": "link", "choice": "safe"}
    Stopped.objects.create(crisis=crisis, person_id=person.pk)
    Answer.objects.create(**given, person_id=person.pk, note="On the roof")
    Answer.objects.create(**given, person_id=make_person().pk, note="Elsewhere")
    data = json.loads(visit.get(reverse("download_data")).content)
    assert [answer["note"] for answer in data["answers"]] == ["On the roof"]
    assert data["answers"][0]["crisis"] == crisis.title
    assert data["stopped_notices"][0]["crisis"] == crisis.title
    assert "On the roof" in visit.get(reverse("download_page")).content.decode()
