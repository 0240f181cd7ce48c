"""My registration: consents, group, focal point, erasure, and what all its pages share."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from notifications.models import Delivery
from registrations import actions, visits
from registrations.actions import changing
from registrations.answers import ContactAnswer
from registrations.consent_texts import current_text
from registrations.mine_urls import urlpatterns
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FocalPoint,
    Person,
    Report,
)
from tests.factories.groups import make_group
from tests.factories.registrations import make_person, today
from tests.factories.visits import acts, prove, refused, send, shown, visit_of

pytestmark = pytest.mark.django_db


def test_each_consent_is_given_and_taken_back_with_one_press(visit: Client, person: Person):
    for purpose in ("tell_family", "share_with_agencies", "advice"):
        send(visit, "give_consent", then="read_consents", purpose=purpose)
        send(visit, "give_consent", then="read_consents", purpose=purpose)
        assert person.consents.get(purpose=purpose).withdrawn_at is None
        send(visit, "stop_consent", then="read_consents", purpose=purpose)
        assert person.consents.get(purpose=purpose).withdrawn_at
    shown(visit, "read_consents")
    send(visit, "give_consent", then="read_consents", purpose="nonsense")
    assert acts(person).count("consent.give") == 3


def test_needs_sent_while_their_consent_is_taken_back_are_not_kept(person: Person, monkeypatch):
    by, lock = Actor.traveller(person.pk), changing.lock_person
    actions.give_consent(person_id=person.pk, purpose="needs", language="es", by=by)

    def take_back_first(person_id: UUID) -> Person:
        actions.withdraw_consent(person_id=person_id, purpose="needs", by=by)
        return lock(person_id)

    monkeypatch.setattr(changing, "lock_person", take_back_first)
    with pytest.raises(changing.NotAgreed):
        changing.change_needs(person_id=person.pk, needs="Insulin", by=by)
    person.refresh_from_db()
    assert person.needs is None


def test_a_newer_text_asks_again_and_suspends_nothing(visit: Client, person: Person):
    Consent.objects.update(text_version="2020-01-01")
    assert Person.objects.with_consent("crisis_contact").exists()
    assert "has changed" in shown(visit, "read_registration")
    assert "There is a newer text. What you agreed to goes on meanwhile." in shown(
        visit, "read_consents"
    )
    version = current_text("crisis_contact").version
    send(visit, "renew_consents", purpose="crisis_contact", version=version, choice="agree")
    old, new = person.consents.order_by("given_at")
    assert old.withdrawn_at == new.given_at
    assert new.withdrawn_at is None
    assert "has changed" not in shown(visit, "read_registration")


def test_taking_back_crisis_contact_offers_to_stop_or_to_erase(visit: Client, person: Person):
    assert reverse("stop_notices") in shown(visit, "read_consents")
    page = shown(visit, "stop_notices")
    assert reverse("stop_consent") in page
    assert reverse("erase_registration") in page
    send(visit, "stop_consent", then="read_consents", purpose="crisis_contact")
    assert not Person.objects.with_consent("crisis_contact").exists()
    assert "You get no notices in a crisis" in shown(visit, "read_registration")
    assert visit.get(reverse("stop_notices"))["Location"] == reverse("read_consents")


def test_a_group_is_left_without_its_knowing(visit: Client, person: Person):
    group = make_group(name="School Trip")
    Person.objects.update(group=group)
    assert "School Trip" in shown(visit, "read_registration")
    send(visit, "leave_group")
    assert Person.objects.get().group is None
    assert not Delivery.objects.exists()
    assert "registration.leave_group" in acts(person)


def test_a_focal_point_agrees_changes_and_takes_it_back(visit: Client, person: Person):
    shown(visit, "become_focal_point")
    assert "Tick this, or go back." in refused(visit, "become_focal_point", place="Suva")
    send(visit, "become_focal_point", place="Suva", community="Parish", agree="on")
    point = FocalPoint.objects.get()
    assert (point.country, point.community, bool(point.text_version)) == ("FJ", "Parish", True)
    send(visit, "become_focal_point", place="Kathmandu", community="", agree="on")
    assert FocalPoint.objects.get().country == "NP"
    assert "Kathmandu, Nepal" in shown(visit, "read_registration")
    send(visit, "stop_focal_point")
    assert not FocalPoint.objects.exists()
    assert {"focal_point.agree", "focal_point.stop"} <= set(acts(person))


def test_a_registration_is_erased_after_a_question(visit: Client, person: Person):
    shown(visit, "erase_registration")
    send(visit, "erase_registration", then="start")
    assert not Person.objects.exists()
    assert not ContactPoint.objects.exists()
    assert visit.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_every_page_of_mine_is_closed_without_a_visit(person: Person):
    for pattern in urlpatterns:
        arguments = [person.pk] * len(pattern.pattern.converters)
        path = reverse(str(pattern.name), args=arguments)
        for answer in (Client().get(path), Client().post(path)):
            assert answer.status_code == 302, path
            assert answer["Location"] == reverse("sign_in"), path


def test_pages_are_small_and_kept_nowhere(visit: Client, person: Person):
    contact = person.contact_points.get()
    pages = [
        "read_registration",
        "read_consents",
        "read_access_log",
        "add_own_stay",
        "change_facts",
    ]
    for path in [*map(reverse, pages), reverse("read_contact", args=[contact.pk])]:
        response = visit.get(path)
        assert len(response.content) < 60_000, path
        assert "no-store" in response["Cache-Control"], path


def test_the_finish_button_stands_on_every_page(visit: Client):
    for name in ("read_registration", "read_consents", "change_facts", "show_downloads"):
        assert f'action="{reverse("finish_visit")}"' in shown(visit, name)


def test_reports_show_where_a_word_came_from(visit: Client, person: Person):
    Report.objects.create(person=person, source="relative", note="Seen at the airport")
    page = shown(visit, "read_registration")
    assert "What others told us about you" in page
    assert "Seen at the airport" in page


def test_a_visit_that_was_never_used_ends_with_the_registration_half_an_hour_old(person: Person):
    Person.objects.update(created_at=timezone.now() - visits.IDLE - dt.timedelta(minutes=1))
    assert visit_of(person).get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_an_unproved_address_is_shown_as_such():
    person = make_person(contacts=(ContactAnswer("mail", "a@example.org", timezone.now()),))
    ContactPoint.objects.update(verified_at=None)
    assert "Not proved with a code" in shown(visit_of(person), "read_registration")


def test_a_companion_named_later_agreed_then(visit: Client, person: Person):
    Person.objects.update(created_at=timezone.now() - dt.timedelta(minutes=20))
    send(visit, "add_own_companion", name="Leo", consent="guardian", birth_date="")
    agreed = Companion.objects.get().agreed_at
    assert agreed
    assert timezone.now() - agreed < dt.timedelta(minutes=1)


def test_what_is_changed_stands_in_no_session_and_no_ledger_entry(visit: Client, person: Person):
    """A canary in every field that a person may change here."""
    old = person.contact_points.get()
    facts = {"document_number": "QUIRINA1", "birth_date": "1990-05-17", "language": "fr"}
    send(visit, "change_facts", name="Quirina", **facts)
    send(visit, "change_needs", needs_text="Quirina", agree="on")
    send(visit, "change_statistics", agree="on", gender="female", home_region="Quirina")
    send(visit, "add_own_companion", name="Quirina", consent="guardian", birth_date="")
    family = {"name": "Quirina", "mail": "quirina.luz@example.org", "language": "es"}
    send(visit, "add_own_family", **family)
    send(visit, "become_focal_point", place="Suva", community="Quirina", agree="on")
    days = {"starts_on": today().isoformat(), "ends_on": today().isoformat()}
    address = {"exact_address": "Quirina 7"}
    send(visit, "add_own_stay", kind="trip", place="Kathmandu", **days, **address)
    prove(visit, "replace_contact", old.pk, contact="quirina@example.org")
    kept = [
        list(Entry.objects.values()),
        list(Delivery.objects.values()),
        [session.get_decoded() for session in Session.objects.all()],
        visit.cookies.output(),
    ]
    assert "quirina" not in str(kept).lower()
    assert "Quirina" in shown(visit, "read_registration")


def test_the_page_of_signing_in_leads_on_while_a_visit_is_open(visit: Client):
    assert visit.get(reverse("sign_in"))["Location"] == reverse("read_registration")
