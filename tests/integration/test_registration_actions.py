"""Completing once, opening addresses in batches, limits, erasure: beneath the pages."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import Actor
from audit.ledger import entries_about
from audit.models import Entry
from notifications.models import Delivery
from notifications.ports import Opened, Withheld, source_for
from registrations import actions, limits
from registrations.answers import Answers, ContactAnswer
from registrations.codes import code_of
from registrations.enums import CodeProblem, SendProblem
from registrations.models import Challenge, Consent, ContactPoint, Draft, Person, Stay
from registrations.sources import open_contacts
from registrations.tasks import erase_expired_drafts
from tests.factories.registrations import make_answers, make_person, pin_stay

SYSTEM = Actor.system("tests")


def unproved(address: str = "ana@example.org", channel: str = "mail") -> Draft:
    contact = ContactAnswer(channel, address)
    return actions.start_draft(answers=make_answers(contacts=(contact,)))


def send(draft: Draft, channel: str = "mail", **changes: bool) -> str | None:
    return actions.send_code(draft_id=draft.pk, channel=channel, network="192.0.2.0/24", **changes)


@pytest.fixture(autouse=True)
def fresh_counters():
    cache.clear()


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_the_same_time_make_one_person():
    draft = actions.start_draft(answers=make_answers())

    def submit(_: int) -> uuid.UUID:
        try:
            return actions.complete_registration(draft=draft, by=SYSTEM).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        people = set(pool.map(submit, range(8)))
    assert people == {draft.pk}
    assert Person.objects.count() == 1
    assert Stay.objects.count() == 1
    assert Consent.objects.count() == 1
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_completing_writes_the_ledger_and_names_the_missing_step():
    draft = actions.start_draft(answers=make_answers(consents=frozenset()))
    with pytest.raises(actions.Incomplete) as refused:
        actions.complete_registration(draft=draft, by=SYSTEM)
    assert refused.value.step == "consents"
    assert not Person.objects.exists()
    person = make_person()
    assert [entry.action for entry in entries_about(person.pk)] == ["registration.complete"]


@pytest.mark.django_db
def test_an_expired_draft_completes_nothing():
    draft = actions.start_draft(answers=make_answers())
    Draft.objects.update(expires_at=timezone.now())
    with pytest.raises(actions.DraftGone):
        actions.complete_registration(draft=draft, by=SYSTEM)


@pytest.mark.django_db
def test_a_registration_costs_few_queries():
    actions.complete_registration(draft=actions.start_draft(answers=make_answers()), by=SYSTEM)
    draft = actions.start_draft(answers=make_answers())
    with CaptureQueriesContext(connection) as queries:
        actions.complete_registration(draft=draft, by=SYSTEM)
    assert len(queries) <= 18


@pytest.mark.django_db
def test_only_proved_contacts_are_kept_and_none_is_readable_in_the_table():
    person = make_person(
        contacts=(
            ContactAnswer("mail", "ana@example.org", verified_at=timezone.now()),
            ContactAnswer("sms", "+34600123456"),
        )
    )
    point = ContactPoint.objects.get()
    assert (point.channel, point.address, point.person_id) == (
        "mail",
        "ana@example.org",
        person.pk,
    )
    with connection.cursor() as cursor:
        for table in ("person", "contactpoint", "stay", "familycontact", "consent"):
            cursor.execute(f"SELECT t::text FROM registrations_{table} t")
            rows = str(cursor.fetchall())
            for word in ("Ana", "example", "Luz", "911234567"):
                assert word not in rows
                assert word.encode().hex() not in rows


@pytest.mark.django_db
def test_two_people_may_share_an_address():
    make_person()
    make_person()
    assert len(set(ContactPoint.objects.values_list("address_index", flat=True))) == 1


@pytest.mark.django_db
def test_contacts_are_opened_in_one_query_or_withheld():
    reachable, silent = make_person(), make_person(language="fr")
    actions.withdraw_consent(person_id=silent.pk, purpose="crisis_contact", by=SYSTEM)
    doubtful = make_person()
    ContactPoint.objects.filter(person=doubtful).update(verified_at=None)
    ids = {
        person: ContactPoint.objects.get(person=person).pk
        for person in (reachable, silent, doubtful)
    }
    gone = uuid.uuid4()
    with CaptureQueriesContext(connection) as queries:
        opened = open_contacts([*ids.values(), gone], "crisis")
    assert len(queries) == 1
    assert opened == {
        ids[reachable]: Opened(address="ana@example.org", language="es"),
        ids[silent]: Withheld("no_consent"),
        ids[doubtful]: Withheld("unproved"),
        gone: Withheld("erased"),
    }
    assert open_contacts([ids[reachable]], "advice") == {ids[reachable]: Withheld("no_consent")}


@pytest.mark.django_db
def test_a_consent_is_withdrawn_once_and_noted():
    person = make_person()
    given: dict[str, Any] = {"person_id": person.pk, "purpose": "crisis_contact", "by": SYSTEM}
    assert actions.withdraw_consent(**given)
    assert not actions.withdraw_consent(**given)
    noted = [entry.action for entry in entries_about(person.pk)]
    assert noted.count("consent.withdraw") == 1


@pytest.mark.django_db
def test_erasure_leaves_nothing_of_the_person():
    person, other = make_person(), make_person()
    assert actions.erase_person(person_id=person.pk, by=SYSTEM)
    assert not actions.erase_person(person_id=person.pk, by=SYSTEM)
    assert list(Person.objects.all()) == [other]
    assert not entries_about(person.pk).exists()
    assert Entry.objects.filter(action="registration.erase").count() == 1
    for model in (ContactPoint, Stay, Consent):
        assert set(model.objects.values_list("person_id", flat=True)) == {other.pk}


@pytest.mark.django_db
def test_the_code_goes_out_with_its_address_and_language():
    draft = unproved()
    assert send(draft) is None
    challenge, delivery = Challenge.objects.get(), Delivery.objects.get()
    opened = source_for("verification").open(
        [delivery.recipient_id, draft.pk], "verification", deliveries=[delivery]
    )
    assert opened == {
        challenge.pk: Opened("ana@example.org", "es", {"code": code_of(challenge.pk)}),
        draft.pk: Withheld("erased"),
    }
    Challenge.objects.update(expires_at=timezone.now())
    late = source_for("verification").open([challenge.pk], "verification", deliveries=[delivery])
    assert late == {challenge.pk: Withheld("expired")}


@pytest.mark.django_db
def test_a_page_sent_twice_sends_one_code():
    draft = unproved()
    send(draft, unless_recent=True)
    send(draft, unless_recent=True)
    assert Challenge.objects.count() == 1
    send(draft)
    assert Challenge.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_time_get_no_more_than_five_tries():
    draft = unproved()
    send(draft)
    right = code_of(Challenge.objects.get().pk)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    def guess(_: int) -> str | None:
        try:
            return actions.confirm_code(draft_id=draft.pk, channel="mail", typed=wrong)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(guess, range(16)))
    assert found.count(CodeProblem.WRONG) == 4
    assert found.count(CodeProblem.TOO_MANY) == 12
    assert Challenge.objects.get().tries == 5
    assert actions.confirm_code(draft_id=draft.pk, channel="mail", typed=right) == "too_many"


@pytest.mark.django_db
def test_a_code_proves_only_the_address_it_was_sent_to():
    draft = unproved()
    send(draft)
    code = code_of(Challenge.objects.get().pk)

    def move(answers: Answers) -> Answers:
        return answers.with_contacts([ContactAnswer("mail", "victim@example.org")])

    actions.change_draft(draft_id=draft.pk, change=move)
    found = actions.confirm_code(draft_id=draft.pk, channel="mail", typed=code)
    assert found == CodeProblem.NOT_SENT


@pytest.mark.django_db
def test_without_counters_mail_goes_out_and_text_messages_wait(monkeypatch):
    def down(*_: object, **__: object) -> None:
        raise RedisDown

    monkeypatch.setattr(limits.cache, "add", down)
    assert send(unproved()) is None
    assert send(unproved("+34600123456", "sms"), "sms") == SendProblem.BUDGET


@pytest.mark.django_db
def test_a_block_of_numbers_is_limited(settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_prefix_hour": 2}
    found = [send(unproved(f"+3460012345{n}", "sms"), "sms") for n in range(3)]
    assert found == [None, None, SendProblem.PREFIX]


@pytest.mark.django_db
def test_no_address_stands_in_the_cache(monkeypatch):
    keys: list[str] = []
    add = limits.cache.add

    def noting(key: str, *args: Any, **named: Any) -> bool:
        keys.append(key)
        return add(key, *args, **named)

    monkeypatch.setattr(limits.cache, "add", noting)
    send(unproved("+34600123456", "sms"), "sms")
    assert len(keys) == 5
    assert not any("600123" in key for key in keys)


@pytest.mark.django_db
def test_expired_drafts_are_erased_with_their_codes():
    old, new = unproved(), unproved("b@example.org")
    send(old)
    Draft.objects.filter(pk=old.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert erase_expired_drafts() == 1
    assert list(Draft.objects.all()) == [new]
    assert not Challenge.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": dt.date(2020, 1, 1)},
        {"cell": None},
        {"precision": "country"},
        {"precision": "place"},
    ],
)
def test_the_database_refuses_a_stay_that_contradicts_itself(wrong):
    stay = make_person(stays=(pin_stay(),)).stays.get()
    with pytest.raises(IntegrityError):
        Stay.objects.filter(pk=stay.pk).update(**wrong)


@pytest.mark.django_db
def test_who_sees_whom():
    officer = User(role=Role.OFFICER, post=Post(jurisdiction=["NP"]))
    there = make_person()
    elsewhere = make_person(stays=(pin_stay(country="FR"),))
    past = make_person(
        stays=(pin_stay(starts_on=dt.date(2020, 1, 1), ends_on=dt.date(2020, 2, 1)),)
    )
    assert set(Person.objects.visible_to(officer)) == {there}
    assert set(Person.objects.visible_to(User(role=Role.COORDINATOR))) == {there, elsewhere, past}
    assert not Person.objects.visible_to(User(role=Role.AUDITOR)).exists()
