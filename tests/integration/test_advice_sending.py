"""Who is told of a change: those who asked, go there, and are told once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from advisories import actions
from advisories.models import Advice, Announcement
from advisories.tasks import announce_digest
from audit.actors import Actor
from audit.models import Entry
from notifications import engine
from notifications.enums import Lane
from notifications.models import Delivery, Message
from registrations.answers import ContactAnswer
from registrations.enums import ConsentPurpose
from registrations.models import Consent, ContactPoint, Person, Stay
from tests.factories.advice import make_author_and_publisher
from tests.factories.registrations import country_stay, make_person, today
from tests.integration.test_advice_writing import content
from tests.sinks import Sinks

SYSTEM = Actor.system("tests")
AGREED = frozenset({ConsentPurpose.CRISIS_CONTACT.value, ConsentPurpose.ADVICE.value})


def traveller(
    *countries: str, mail: str = "ana@example.org", phone: str = "", **changes: Any
) -> Person:
    """Somebody who asked for advice and stays in these countries from today."""
    now = timezone.now()
    contacts = [ContactAnswer("sms", phone, verified_at=now)] if phone else []
    contacts += [ContactAnswer("mail", mail, verified_at=now)] if mail else []
    given: dict[str, Any] = {
        "contacts": tuple(contacts),
        "stays": tuple(country_stay(code) for code in countries),
        "consents": AGREED,
    }
    return make_person(**(given | changes))


def publish(
    country: str = "NP", *, officers: tuple[User, User] | None = None, **changes: Any
) -> Advice:
    author, publisher = officers or make_author_and_publisher()
    actions.write_advice(country=country, content=content(**changes), by=author)
    return actions.publish_advice(country=country, by=publisher)


def mails(sinks: Sinks) -> dict[str, dict[str, Any]]:
    """What arrived by mail, by address."""
    return {sent["to"]: sent for sent in sinks.messages() if sent["channel"] == "mail"}


def told() -> list[Person]:
    return sorted(
        Person.objects.filter(pk__in=Delivery.objects.values("subject_id")), key=lambda p: p.pk
    )


def ordered(*people: Person) -> Sequence[Person]:
    return sorted(people, key=lambda p: p.pk)


@pytest.mark.django_db
def test_an_urgent_change_is_told_at_once_to_those_who_go_there():
    here = traveller("NP")
    later = country_stay(
        "NP", starts_on=today() + dt.timedelta(days=90), ends_on=today() + dt.timedelta(days=99)
    )
    coming = traveller(stays=(later,))
    traveller("JP")
    advice = publish(is_urgent=True)
    assert told() == ordered(here, coming)
    message = Message.objects.get()
    assert (message.purpose, message.lane) == ("advice", Lane.ADVICE)
    assert advice.announcement is not None
    assert advice.announcement.message == message


@pytest.mark.django_db
def test_who_did_not_ask_left_or_was_merged_is_not_told():
    traveller("NP", consents=frozenset({"crisis_contact"}))
    gone = traveller("NP")
    Stay.objects.filter(person=gone).update(
        starts_on=today() - dt.timedelta(days=9), ends_on=today() - dt.timedelta(days=3)
    )
    shell, whole = traveller("NP"), traveller("NP")
    Person.objects.filter(pk=shell.pk).update(merged_into=whole)
    unproved = traveller("NP")
    ContactPoint.objects.filter(person=unproved).update(verified_at=None)
    replaced = traveller("NP")
    ContactPoint.objects.filter(person=replaced).update(replaced_at=timezone.now())
    publish(is_urgent=True)
    assert told() == [whole]


@pytest.mark.django_db
def test_one_message_a_person_by_mail_where_there_is_one():
    both = traveller("NP", phone="+34600000001")
    traveller("NP", mail="", phone="+34600000002")
    traveller("NP", "NP")
    publish(is_urgent=True)
    channels = dict(Delivery.objects.values_list("subject_id", "channel"))
    assert len(channels) == Delivery.objects.count() == 3
    assert channels[both.pk] == "mail"
    assert sorted(channels.values()) == ["mail", "mail", "sms"]


@pytest.mark.django_db
def test_other_changes_wait_for_the_digest_which_goes_out_once_a_day():
    traveller("NP", "IN")
    officers = make_author_and_publisher(jurisdiction=["NP", "IN"])
    publish("NP", officers=officers)
    publish("IN", officers=officers)
    assert not Message.objects.exists()
    assert announce_digest() == 1
    assert Delivery.objects.count() == 1
    assert announce_digest() == 0
    publish("NP", officers=officers, level=3)
    assert announce_digest() == 0  # A change of the same day waits for tomorrow.
    Announcement.objects.update(day=today() - dt.timedelta(days=1))
    assert announce_digest() == 1
    assert Delivery.objects.count() == 2
    assert Entry.objects.filter(action="advice.announce").count() == 3


@pytest.mark.django_db
def test_a_day_without_changes_is_not_used_up():
    traveller("NP")
    assert announce_digest() == 0
    assert not Announcement.objects.exists()
    publish()
    assert announce_digest() == 1


@pytest.mark.django_db
def test_an_urgent_change_is_not_told_again_by_the_digest():
    traveller("NP")
    publish(is_urgent=True)
    assert announce_digest() == 0
    assert Delivery.objects.count() == 1


@pytest.mark.django_db
def test_when_the_audience_cannot_be_read_nothing_is_published_half(monkeypatch):
    def broken(*args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("advisories.actions.announcing.audience_of", broken)
    with pytest.raises(RuntimeError):
        publish(is_urgent=True)
    assert not Advice.objects.published().exists()
    assert not Announcement.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_digest_names_to_each_their_own_countries(sinks: Sinks):
    traveller("NP", "IN", mail="both@example.org", language="es")
    traveller("IN", mail="one@example.org", language="ar")
    officers = make_author_and_publisher(jurisdiction=["NP", "IN", "JP"])
    for country in ("NP", "IN", "JP"):
        publish(country, officers=officers)
    announce_digest()
    engine.drain()
    sent = mails(sinks)
    assert sent.keys() == {"both@example.org", "one@example.org"}
    both, one = sent["both@example.org"], sent["one@example.org"]
    assert "India, Nepal" in both["subject"]
    assert "الهند" in one["subject"]
    assert "نيبال" not in one["body"]
    assert f"{settings.PORTAL_URL}/advice/" in both["body"].split()
    assert f"{settings.PORTAL_URL}/stop/" in both["body"]


@pytest.mark.django_db(transaction=True)
def test_an_urgent_mail_says_what_changed_in_the_persons_language(sinks: Sinks):
    traveller("NP", language="es")
    traveller("NP", mail="", phone="+34600000002", language="fr")
    publish(
        is_urgent=True,
        level=3,
        texts={
            "es": {"summary": "Lluvias.", "changed": "Cerrado el aeropuerto {hoy}."},
            "en": {"summary": "Rain.", "changed": "The airport is closed."},
        },
    )
    engine.drain()
    [mail] = mails(sinks).values()
    assert "Cerrado el aeropuerto (hoy)." in mail["body"]
    assert f"{settings.PORTAL_URL}/advice/NP/" in mail["body"]
    assert "Nepal" in mail["subject"]
    [sms] = [sent for sent in sinks.messages() if sent["channel"] == "sms"]
    assert "Népal" in sms["body"]
    assert f"{settings.PORTAL_URL}/advice/NP/" in sms["body"]
    assert f"{settings.PORTAL_URL}/stop/" in sms["body"]


@pytest.mark.django_db(transaction=True)
def test_consent_stay_and_merge_are_asked_again_before_each_sending(sinks: Sinks):
    withdrawn, left, erased, merged = (traveller("NP", mail=f"p{n}@example.org") for n in range(4))
    stays_on = traveller("NP", mail="stays@example.org")
    publish(is_urgent=True)
    assert Delivery.objects.count() == 5
    Consent.objects.filter(person=withdrawn, purpose=ConsentPurpose.ADVICE).update(
        withdrawn_at=timezone.now()
    )
    Stay.objects.filter(person=left).update(
        starts_on=today() - dt.timedelta(days=9), ends_on=today() - dt.timedelta(days=3)
    )
    ContactPoint.objects.filter(person=erased).delete()
    Person.objects.filter(pk=merged.pk).update(merged_into=stays_on)
    engine.drain()
    assert mails(sinks).keys() == {"stays@example.org"}
    reasons = dict(
        Delivery.objects.filter(state="withheld").values_list("subject_id", "withheld_reason")
    )
    assert reasons == {
        withdrawn.pk: "no_consent",
        left.pk: "not_going_there",
        erased.pk: "erased",
        merged.pk: "not_going_there",
    }


@pytest.mark.django_db(transaction=True)
def test_two_digests_at_once_are_one():
    traveller("NP")
    publish()
    together = threading.Barrier(2)

    def announce() -> int:
        try:
            together.wait(timeout=10)
            return announce_digest()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = sorted(future.result() for future in [pool.submit(announce) for _ in range(2)])
    assert counts == [0, 1]
    assert Delivery.objects.count() == Message.objects.count() == 1
