"""Texts that people send back: each marks one person in one crisis, or nobody at all."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from crises import actions
from crises.actions import replying
from crises.confirming import PURPOSE as CONFIRMATION
from crises.confirming import ConfirmationSource
from crises.enums import AnsweredVia, Choice, CrisisState, Unclear
from crises.models import Answer, Crisis, IncomingReply, Notice, Stopped
from crises.retention_steps import replies as erase_old
from crises.takeout import replies_of
from crises.texts import compose
from notifications.links import reply_code
from notifications.models import Delivery, Message
from notifications.ports import Opened, Undeliverable, inbound_handler
from registrations.actions import erase_person
from registrations.answers import ContactAnswer
from registrations.enums import ConsentPurpose
from registrations.models import Consent, ContactPoint, Person
from registrations.reading import read_own
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.gateway_calls import gateway, text_from
from tests.factories.registrations import make_person, make_places
from tests.factories.replies import code_of, sent, text_message

pytestmark = pytest.mark.django_db

PHONE = "+9779841200000"  # of the first of make_people()
OTHER = "+9779841200001"


@pytest.fixture(autouse=True)
def world() -> None:
    caches["limits"].clear()
    make_places()


@pytest.fixture
def people() -> list[Person]:
    return make_people(2)


@pytest.fixture
def notice(people: list[Person]) -> Notice:
    found = make_frozen(make_crisis())
    sent(found)
    return found


def said(crisis: Crisis) -> dict[str, str]:
    current = Answer.objects.current().filter(crisis=crisis)
    return {str(one.person_id): one.choice for one in current}


def waiting() -> list[tuple[str, str | None]]:
    rows = IncomingReply.objects.filter(handled_at=None).order_by("received_at")
    return [(row.reason, row.text) for row in rows]


def family(notice_after: bool = True) -> tuple[list[Person], Notice]:
    """Two people of one telephone, both written to."""
    contacts = (ContactAnswer("sms", PHONE, verified_at=timezone.now()),)
    both = [make_person(contacts=contacts), make_person(contacts=contacts)]
    found = make_frozen(make_crisis())
    sent(found)
    return both, found


def test_a_text_through_the_gateway_becomes_an_answer(people, notice, settings, caplog):
    gateway(settings)
    with caplog.at_level(logging.DEBUG):
        assert text_from(PHONE, "1 safe").status_code == 200
    [answer] = Answer.objects.all()
    assert (answer.person_id, answer.choice, answer.via) == (
        people[0].pk,
        Choice.SAFE,
        AnsweredVia.SMS,
    )
    assert waiting() == []
    [row] = IncomingReply.objects.all()
    assert (row.text, row.sender, row.sender_index) == (None, None, None)
    assert PHONE not in caplog.text
    assert "safe" not in caplog.text


def test_the_code_names_the_notice_that_is_answered(people, notice):
    text_message(PHONE, f"{code_of(notice, people[0])} ayuda")
    [answer] = Answer.objects.all()
    sms = Delivery.objects.get(message=notice.message_id, subject_id=people[0].pk, channel="sms")
    assert (answer.choice, answer.delivery_id) == (Choice.NEED_HELP, sms.pk)


def test_the_words_of_a_call_for_help_are_its_note(people, notice):
    text_message(PHONE, "HELP we are on the roof")
    [answer] = Answer.objects.all()
    assert (answer.choice, answer.note) == (Choice.NEED_HELP, "HELP we are on the roof")


def test_a_text_that_comes_twice_counts_once(people, notice):
    text_message(PHONE, "safe", provider_reference="A")
    text_message(PHONE, "help", provider_reference="B")
    assert text_message(PHONE, "safe", provider_reference="A") is None
    assert said(notice.crisis) == {str(people[0].pk): Choice.NEED_HELP}
    # Another provider has names of its own.
    text_message(PHONE, "safe", provider_reference="A", provider="sms.backup")
    assert said(notice.crisis) == {str(people[0].pk): Choice.SAFE}


def test_a_familys_telephone_marks_no_one_without_a_code():
    both, notice = family()
    text_message(PHONE, "safe")
    assert said(notice.crisis) == {}
    assert waiting() == [(Unclear.SEVERAL, "safe")]
    text_message(PHONE, f"safe {code_of(notice, both[1])}")
    assert said(notice.crisis) == {str(both[1].pk): Choice.SAFE}


def test_somebody_else_at_the_address_is_enough_to_doubt(people, notice):
    """Who was not written to may still be the one who answers."""
    make_person(contacts=(ContactAnswer("sms", PHONE, verified_at=timezone.now()),), stays=())
    text_message(PHONE, "safe")
    assert waiting() == [(Unclear.SEVERAL, "safe")]


def test_two_crises_marked_by_one_answer_are_none(people, notice):
    second = make_frozen(make_crisis(title="Another flood"))
    sent(second)
    text_message(PHONE, "safe")
    assert said(notice.crisis) == said(second.crisis) == {}
    assert waiting() == [(Unclear.SEVERAL, "safe")]
    text_message(PHONE, f"3 {code_of(second, people[0])}")
    assert said(notice.crisis) == {}
    assert said(second.crisis) == {str(people[0].pk): Choice.LEFT}


def test_an_answer_for_the_wrong_crisis_marks_nobody(people, notice):
    code = code_of(notice, people[0])
    Crisis.objects.filter(pk=notice.crisis_id).update(
        state=CrisisState.CLOSED, closed_at=timezone.now(), purge_on=date(2100, 1, 1)
    )
    text_message(PHONE, f"1 {code}")
    assert waiting() == [(Unclear.NO_CRISIS, f"1 {code}")]
    second = make_frozen(make_crisis(title="Another flood"))
    sent(second)
    text_message(PHONE, f"1 {code}")
    assert said(second.crisis) == {}
    assert waiting()[1:] == [(Unclear.WRONG_CODE, f"1 {code}")]


def test_anothers_code_marks_neither(people, notice):
    text_message(PHONE, f"1 {code_of(notice, people[1])}")
    assert said(notice.crisis) == {}
    assert waiting()[0][0] == Unclear.WRONG_CODE


def test_a_code_that_is_of_two_notices_marks_neither(notice, monkeypatch):
    family()
    monkeypatch.setattr(replying, "reply_code", lambda delivery_id: "K7QM")
    text_message(PHONE, "1 K7QM")
    assert waiting()[0][0] == Unclear.SEVERAL


@pytest.mark.parametrize(
    ("sender", "text", "reason"),
    [
        ("+9779841288888", "1", Unclear.UNKNOWN_SENDER),
        ("", "1", Unclear.UNKNOWN_SENDER),
        ("BANK", "1", Unclear.UNKNOWN_SENDER),
        (PHONE, "safe help", Unclear.CONTRADICTION),
        (PHONE, "who is this?", Unclear.NOT_UNDERSTOOD),
        (PHONE, "I am not safe", Unclear.NOT_UNDERSTOOD),
        (PHONE, "\0\0", Unclear.NOT_UNDERSTOOD),
        (PHONE, "x" * 5000, Unclear.NOT_UNDERSTOOD),
    ],
)
def test_what_marks_nobody_reaches_an_officer(people, notice, sender, text, reason):
    text_message(sender, text)
    assert said(notice.crisis) == {}
    [(found, _text)] = waiting()
    assert found == reason
    [row] = IncomingReply.objects.all()
    assert row.crisis_id == (notice.crisis_id if sender == PHONE else None)


def test_what_was_never_sent_is_not_answered(people):
    notice = make_frozen(make_crisis())
    text_message(PHONE, "1")
    assert said(notice.crisis) == {}
    assert waiting() == [(Unclear.NO_CRISIS, "1")]


def test_a_wish_for_no_more_stops_this_crisis_alone(people, notice):
    text_message(PHONE, "STOP")
    assert list(Stopped.objects.values_list("crisis", "person_id")) == [
        (notice.crisis_id, people[0].pk)
    ]
    assert Consent.objects.filter(person=people[0], withdrawn_at=None).exists()
    assert said(notice.crisis) == {}


def test_a_wish_for_no_more_that_could_be_anybodys_goes_to_an_officer():
    family()
    text_message(PHONE, "baja")
    assert not Stopped.objects.exists()
    assert waiting() == [(Unclear.SEVERAL, "baja")]


def test_one_sender_fills_no_officers_list(people, notice, monkeypatch):
    monkeypatch.setattr(replying, "KEPT_PER_HOUR", 3)
    for word in ("who", "what", "where", "why", "when", "how"):
        text_message(PHONE, word)
    assert len(waiting()) == 3
    # What may be a call for help is no noise, and one is none at all.
    text_message(PHONE, "AYUDAAA ???")
    assert len(waiting()) == 4
    text_message(PHONE, "help")
    assert said(notice.crisis) == {str(people[0].pk): Choice.NEED_HELP}


def test_a_kept_text_is_sealed_and_the_ledger_does_not_know_it(people, notice):
    text_message(PHONE, "my name is Ana Maria")
    entry = Entry.objects.get(action="reply.keep")
    assert "Ana" not in str(entry.details)
    assert PHONE not in str(entry.details)


def test_old_texts_are_erased(people, notice):
    text_message(PHONE, "what?")
    by = Actor.system("tests")
    assert list(erase_old(by, timezone.now())) == [{"erased_replies": 0}]
    IncomingReply.objects.update(received_at=timezone.now() - timedelta(days=31))
    assert list(erase_old(by, timezone.now())) == [{"erased_replies": 1}]


def test_who_is_erased_takes_their_texts_along(people, notice):
    text_message(PHONE, "what?")
    text_message(OTHER, "what?")
    [mine] = replies_of([people[0].pk])
    assert mine["text"] == "what?"
    erase_person(person_id=people[0].pk, by=Actor.system("tests"))
    [left] = IncomingReply.objects.all()
    assert left.sender == OTHER


def test_a_familys_text_is_nobodys_alone():
    both, _notice = family()
    text_message(PHONE, "what?")
    assert replies_of([both[0].pk]) == []
    erase_person(person_id=both[0].pk, by=Actor.system("tests"))
    assert IncomingReply.objects.count() == 1


class TestConfirming:
    def sent_back(self) -> list[Delivery]:
        return list(Delivery.objects.filter(message__purpose=CONFIRMATION).order_by("created_at"))

    def test_each_answer_is_confirmed_once_where_it_came_from(self, people, notice):
        for text in ("safe", "1", "help", "2 please"):
            text_message(PHONE, text)
        rows = self.sent_back()
        assert [row.channel for row in rows] == ["sms", "sms"]
        point = people[0].contact_points.get(channel="sms")
        assert {row.recipient_id for row in rows} == {point.pk}
        texts = rows[1].message.texts.all()
        assert {text.language for text in texts} == {"es", "en", "fr", "ar"}
        assert "I need help" in next(text.sms for text in texts if text.language == "en")
        [opened] = ConfirmationSource().open([point.pk], CONFIRMATION, deliveries=rows).values()
        assert isinstance(opened, Opened)
        assert opened.address == PHONE

    def test_nobody_is_written_to_whom_it_may_not_be(self, people, notice):
        for sender, text in [("+9779841288888", "1"), (PHONE, "what?"), (PHONE, "stop")]:
            text_message(sender, text)
        assert self.sent_back() == []

    def test_it_is_gone_after_a_month(self, people, notice):
        text_message(PHONE, "safe")
        Message.objects.filter(purpose=CONFIRMATION).update(
            created_at=timezone.now() - timedelta(days=31)
        )
        list(erase_old(Actor.system("tests"), timezone.now()))
        assert self.sent_back() == []


class TestHowToAnswer:
    """The text message says how to answer where the gateway takes answers in."""

    def test_each_language_says_it_with_the_code(self, notice, settings):
        gateway(settings, inbound="yes")
        for text in compose(notice):
            assert "{reply_code}" in text.sms
            assert "{reply_code}" not in text.body

    def test_not_where_one_that_may_carry_it_does_not(self, notice, settings):
        assert all("{reply_code}" not in text.sms for text in compose(notice))
        gateway(settings, inbound="yes")
        deaf = {"name": "backup", "url": "http://127.0.0.1:9"}
        settings.CHANNEL_PROVIDERS = {
            **settings.CHANNEL_PROVIDERS,
            "sms": [*settings.CHANNEL_PROVIDERS["sms"], deaf],
        }
        assert all("{reply_code}" not in text.sms for text in compose(notice))

    def test_such_a_notice_is_frozen(self, people, settings):
        gateway(settings, inbound="yes")
        notice = make_frozen(make_crisis())
        assert notice.message is not None
        assert all("{reply_code}" in text.sms for text in notice.message.texts.all())


class TestAddressesThatDoNotWork:
    def tell(self, notice: Notice, person: Person, kind: Undeliverable) -> None:
        rows = Delivery.objects.filter(
            message=notice.message_id, subject_id=person.pk, channel="mail"
        )
        handler = inbound_handler()
        assert handler is not None
        handler.undeliverable(list(rows.values_list("pk", flat=True)), kind)

    def test_the_person_is_asked_to_correct_it(self, people, notice):
        self.tell(notice, people[0], Undeliverable.BOUNCED)
        point = people[0].contact_points.get(channel="mail")
        assert point.is_undeliverable
        rows = read_own(person_id=people[0].pk, by=Actor.traveller(people[0].pk))["contacts"]
        said = {row["value"]: " ".join(map(str, row["lines"])) for row in rows}
        assert "could not be delivered" in said[point.address]
        assert "could not be delivered" not in said[PHONE]
        assert Entry.objects.filter(action="contact.bounce").count() == 1
        self.tell(notice, people[0], Undeliverable.BOUNCED)
        assert Entry.objects.filter(action="contact.bounce").count() == 1

    def test_it_is_still_tried_in_a_crisis(self, people, notice):
        self.tell(notice, people[0], Undeliverable.BOUNCED)
        second = make_frozen(make_crisis(title="Another flood"))
        assert Delivery.objects.filter(
            message=second.message_id, subject_id=people[0].pk, channel="mail"
        ).exists()

    def test_one_that_is_proved_again_works(self, people, notice):
        self.tell(notice, people[0], Undeliverable.BOUNCED)
        ContactPoint.objects.update(verified_at=timezone.now())
        point = people[0].contact_points.get(channel="mail")
        assert not point.is_undeliverable
        # What comes late is about the time before.
        self.tell(notice, people[0], Undeliverable.BOUNCED)
        point.refresh_from_db()
        assert not point.is_undeliverable

    def test_a_complaint_ends_advice_and_never_warnings(self):
        person = make_person(consents=frozenset({"crisis_contact", "advice"}))
        notice = make_frozen(make_crisis())
        sent(notice)
        self.tell(notice, person, Undeliverable.COMPLAINED)
        standing = Consent.objects.filter(person=person, withdrawn_at=None)
        assert set(standing.values_list("purpose", flat=True)) == {ConsentPurpose.CRISIS_CONTACT}
        assert not person.contact_points.get().is_undeliverable
        self.tell(notice, person, Undeliverable.COMPLAINED)


def test_the_code_is_the_notices_own(people, notice):
    rows = Delivery.objects.filter(message=notice.message_id)
    assert len({reply_code(row.pk) for row in rows}) == rows.count()


def test_an_officers_purge_takes_the_texts_of_a_crisis(people, notice):
    text_message(PHONE, "what?")
    actions.close_crisis(crisis=notice.crisis, by=notice.crisis.opened_by)
    Crisis.objects.update(purge_on=date(2020, 1, 1))
    assert actions.purge_crises(by=Actor.system("tests")) == 1
    assert not IncomingReply.objects.exists()
