"""The pages behind the links of messages: safe to fetch, light, nameless, and changeable."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.links import token_for
from notifications.models import Delivery
from notifications.templates import TextOf
from registrations import actions, stopping
from registrations.answers import FamilyAnswer
from registrations.family import FAMILY
from registrations.models import Consent, FamilyContact, Person, Stay
from registrations.reminders import REMINDER
from registrations.views import links
from tests.factories.registrations import make_person, pin_stay

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


def delivery(purpose: str, recipient_id: Any, subject_id: Any) -> Delivery:
    return queue_one(
        purpose=purpose,
        lane=Lane.ADVICE,
        recipient_id=recipient_id,
        subject_id=subject_id,
        channel="mail",
        language="es",
        texts=[TextOf("es", "s", "{link}")],
        expires_at=timezone.now() + dt.timedelta(days=1),
    ).deliveries.get()


@pytest.fixture
def stay() -> Stay:
    cache.clear()
    today = timezone.now().date()
    planned = pin_stay(starts_on=today - dt.timedelta(days=9), ends_on=today + dt.timedelta(days=3))
    stay = make_person(stays=(planned,), consents=BOTH).stays.get()
    Stay.objects.update(confirmed_at=timezone.now() - dt.timedelta(days=30))
    return stay


BOTH = frozenset({"crisis_contact", "advice"})


def page_of(stay: Stay, purpose: str = REMINDER, path: str = "/still/") -> str:
    return f"{path}{token_for(delivery(purpose, stay.pk, stay.person_id).pk)}"


@pytest.fixture
def contact(stay: Stay) -> FamilyContact:
    return stay.person.family_contacts.get()


def listing_of(contact: FamilyContact) -> str:
    return f"/listed/{token_for(delivery(FAMILY, contact.pk, contact.person_id).pk)}"


@pytest.fixture
def pages(stay: Stay, contact: FamilyContact) -> list[str]:
    return [page_of(stay), listing_of(contact), page_of(stay, path="/stop/")]


class TestEveryPage:
    def test_fetching_changes_nothing(self, client, pages):
        entries = Entry.objects.count()
        for address in pages:
            for method in (client.get, client.head, client.options):
                assert method(address).status_code == 200
                assert method(f"{address}/").status_code == 200
            for method in (client.put, client.delete, client.patch):
                assert method(address).status_code == 405
        assert Entry.objects.count() == entries
        assert not FamilyContact.objects.filter(objected_at__isnull=False).exists()
        assert not Person.objects.filter(reminders_stopped_at__isnull=False).exists()
        assert not Stay.objects.filter(planned_end__isnull=False).exists()

    def test_it_is_private_light_and_scriptless(self, client, pages):
        style = (Path(settings.BASE_DIR) / "static" / "css" / "portal.css").read_bytes()
        for address in pages:
            response = client.get(address)
            assert not response.cookies
            assert response["Referrer-Policy"] == "no-referrer"
            assert response["Cache-Control"] == "no-store"
            assert "noindex" in response["X-Robots-Tag"]
            assert b"<script" not in response.content
            assert len(response.content) + len(style) < 30_000
            assert len(gzip.compress(response.content)) + len(gzip.compress(style)) < 10_000

    def test_it_names_nobody(self, client, pages, stay):
        for address in pages:
            page = client.get(address).content.decode()
            for personal in ("Ana", "Pérez", "Luz", "ana@example.org", "911234567"):
                assert personal not in page

    def test_it_speaks_the_language_of_the_message_unless_another_is_chosen(self, client, pages):
        for address in pages:
            assert client.get(address)["Content-Language"] == "es"
            arabic = client.get(f"{address}?language=ar")
            assert arabic["Content-Language"] == "ar"
            assert b'dir="rtl"' in arabic.content
            assert f'action="{address}?language=ar"'.encode() in arabic.content

    def test_a_foreign_token_finds_help_and_nothing_else(self, client, pages, stay):
        for path in ("/still/", "/listed/", "/stop/"):
            for token in ("x", "A" * 43):
                response = client.get(f"{path}{token}")
                assert response.status_code == 404
                assert b'href="/"' in response.content
                assert client.post(f"{path}{token}").status_code == 404
        # One that we made, and whose delivery went with whom it was about.
        assert client.get(f"/still/{token_for(stay.pk)}").status_code == 410
        # A token of one kind opens no page of another.
        assert client.get(pages[0].replace("/still/", "/listed/")).status_code == 404
        assert client.get(pages[1].replace("/listed/", "/still/")).status_code == 404
        assert client.post(pages[1].replace("/listed/", "/stop/")).status_code == 410

    def test_what_was_erased_says_so(self, client, pages, stay):
        actions.erase_person(person_id=stay.person_id, by=BY)
        for address in pages[:2]:
            assert client.get(address).status_code == 410
            assert client.post(address, {"choice": "right"}).status_code == 410
        assert client.post(pages[2]).status_code == 410

    def test_no_cookie_is_asked_for(self, pages, stay):
        blocked = Client(enforce_csrf_checks=True)
        for address in pages:
            assert blocked.post(address, {"choice": "right"}).status_code == 302


class TestAnsweringAReminder:
    def test_still_right(self, client, stay):
        address = page_of(stay)
        response = client.post(address, {"choice": "right"}, follow=True)
        assert response.redirect_chain == [(address, 302)]
        assert b"panel--done" in response.content
        stay.refresh_from_db()
        assert timezone.now() - stay.confirmed_at < dt.timedelta(minutes=1)
        entry = Entry.objects.get(action="stay.confirm")
        assert entry.actor_kind == "traveller"

    def test_i_have_left_and_am_still_there(self, client, stay):
        address, planned = page_of(stay), stay.ends_on
        client.post(address, {"choice": "left"})
        stay.refresh_from_db()
        assert (stay.planned_end, stay.ends_on < planned) == (planned, True)
        page = client.get(address).content.decode()
        assert 'value="left"' not in page
        assert 'value="back"' in page
        client.post(address, {"choice": "back"})
        stay.refresh_from_db()
        assert (stay.planned_end, stay.ends_on) == (None, planned)

    def test_another_last_day(self, client, stay):
        address = page_of(stay)
        later = stay.ends_on + dt.timedelta(days=30)
        assert client.post(address, {"choice": "until", "ends_on": later}).status_code == 302
        stay.refresh_from_db()
        assert stay.ends_on == later

    @pytest.mark.parametrize("typed", ["", "soon", "2001-01-01", "31/2/2027", "2999-01-01", "<b>"])
    def test_a_wrong_day_is_explained_and_changes_nothing(self, client, stay, typed):
        response = client.post(page_of(stay), {"choice": "until", "ends_on": typed})
        assert response.status_code == 422
        assert b'class="error-summary"' in response.content
        before = stay.ends_on
        stay.refresh_from_db()
        assert stay.ends_on == before

    def test_an_ended_stay_can_be_prolonged_until_it_is_erased(self, client, stay):
        address, today = page_of(stay), timezone.now().date()
        Stay.objects.update(ends_on=today - dt.timedelta(days=5))
        page = client.get(address).content.decode()
        assert 'value="right"' not in page
        client.post(address, {"choice": "until", "ends_on": today + dt.timedelta(days=5)})
        stay.refresh_from_db()
        assert stay.ends_on == today + dt.timedelta(days=5)
        stay.delete()
        assert client.get(address).status_code == 410

    def test_it_shows_place_and_days(self, client, stay):
        page = client.get(f"{page_of(stay)}?language=en").content.decode()
        assert "Nepal" in page
        assert str(stay.ends_on.year) in page

    def test_a_program_cannot_change_it_for_ever(self, client, stay, monkeypatch):
        monkeypatch.setattr(links, "CHANGES_PER_HOUR", 2)
        address = page_of(stay)
        answers = [client.post(address, {"choice": "right"}).status_code for _ in range(3)]
        assert answers == [302, 302, 429]
        assert client.get(address).status_code == 200

    def test_it_follows_the_stay_to_the_registration_it_was_merged_into(self, client, stay):
        address = page_of(stay)
        kept = make_person()
        Person.objects.filter(pk=stay.person_id).update(merged_into=kept)
        Stay.objects.filter(pk=stay.pk).update(person=kept, exact_address=None)
        assert client.post(address, {"choice": "left"}).status_code == 302
        stay.refresh_from_db()
        assert stay.planned_end is not None


class TestObjecting:
    def test_nothing_is_kept_but_the_index(self, client, contact):
        address = listing_of(contact)
        index = bytes(contact.address_index)
        response = client.post(address, follow=True)
        assert b"panel--done" in response.content
        contact.refresh_from_db()
        kept = (contact.name, contact.relationship, contact.phone, contact.mail)
        assert kept == (None, None, None, None)
        assert bytes(contact.address_index) == index
        assert Entry.objects.get(action="family.object").subjects.count() == 1
        first = contact.objected_at
        client.post(address)
        contact.refresh_from_db()
        assert contact.objected_at == first
        assert Entry.objects.filter(action="family.object").count() == 1


class TestStopping:
    def test_reminders(self, client, stay):
        address = page_of(stay, path="/stop/")
        response = client.post(address, follow=True)
        assert b"panel--done" in response.content
        assert Person.objects.get(pk=stay.person_id).reminders_stopped_at
        client.post(address)
        assert Entry.objects.filter(action="reminder.stop").count() == 1
        assert Consent.objects.filter(withdrawn_at__isnull=True).count() == 2
        client.post(address, {"undo": "1"})
        assert not Person.objects.get(pk=stay.person_id).reminders_stopped_at

    def test_by_the_mail_program_itself(self, stay):
        program = Client(enforce_csrf_checks=True)
        response = program.post(
            page_of(stay, path="/stop/"),
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
        assert (response.status_code, response["Content-Type"][:10]) == (200, "text/plain")
        assert Person.objects.get(pk=stay.person_id).reminders_stopped_at

    def test_advice_ends_with_its_consent_alone(self, client, stay):
        address = page_of(stay, purpose="advice", path="/stop/")
        client.post(address)
        # Agreeing again takes the text that is agreed to, which is not here.
        client.post(address, {"undo": "1"})
        standing = Consent.objects.filter(person_id=stay.person_id, withdrawn_at__isnull=True)
        assert [consent.purpose for consent in standing] == ["crisis_contact"]
        assert not Person.objects.get(pk=stay.person_id).reminders_stopped_at

    def test_it_counts_for_the_registration_that_another_was_merged_into(self, client, stay):
        kept = make_person()
        address = page_of(stay, path="/stop/")
        Person.objects.filter(pk=stay.person_id).update(merged_into=kept)
        client.post(address)
        kept.refresh_from_db()
        assert kept.reminders_stopped_at

    @pytest.mark.parametrize("purpose", ["crisis", "verification", "family"])
    def test_no_other_message_can_be_stopped_here(self, client, stay, purpose):
        assert stopping.stop_of(purpose) is None
        assert client.post(page_of(stay, purpose=purpose, path="/stop/")).status_code == 410


def test_who_objected_is_known_by_the_address(stay, contact):
    from registrations.family import has_objected

    index = bytes(contact.address_index)
    assert not has_objected(stay.person_id, [index])
    actions.object_to_listing(contact_id=contact.pk, by=BY)
    assert has_objected(stay.person_id, [index])
    other = make_person(family=(FamilyAnswer(name="Luz", phone="+34911234567"),))
    assert not has_objected(other.pk, [index])
