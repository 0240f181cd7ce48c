"""Signing in without a password: what it opens, and what it never tells."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import entries_about
from notifications.models import Delivery
from registrations import actions, limits, visits
from registrations.answers import ContactAnswer
from registrations.codes import code_of
from registrations.models import Challenge, ContactPoint, Draft, Person
from registrations.references import reference_of
from tests.factories.registrations import make_answers, make_person, make_places

pytestmark = pytest.mark.django_db
MAIL = "ana@example.org"


@pytest.fixture(autouse=True)
def fresh_counters():
    cache.clear()


def newest_code() -> str:
    return code_of(Challenge.objects.latest("created_at").pk)


def wrong_code() -> str:
    return f"{(int(newest_code()) + 1) % 1_000_000:06d}"


def ask(client: Client, contact: str = MAIL) -> None:
    response = client.post(reverse("sign_in"), {"contact": contact})
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse("confirm_sign_in")


def prove(client: Client, contact: str = MAIL) -> str:
    ask(client, contact)
    response = client.post(reverse("confirm_sign_in"), {"code": newest_code()})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def shown(client: Client, name: str) -> str:
    response = client.get(reverse(name))
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def test_a_code_opens_the_registration(client: Client):
    person = make_person()
    key = client.session.session_key
    assert prove(client, "ANA@Example.org") == reverse("read_registration")
    assert client.session.session_key != key
    assert "Ana Pérez" in shown(client, "read_registration")
    assert "registration.open" in [entry.action for entry in entries_about(person.pk)]
    assert not Draft.objects.exists()
    assert client.get(reverse("sign_in"))["Location"] == reverse("read_registration")


def test_a_mobile_number_signs_in_too(client: Client):
    make_person(contacts=(ContactAnswer("sms", "+34600123456", verified_at=timezone.now()),))
    assert prove(client, "0034 600 12 34 56") == reverse("read_registration")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Write an email address or a mobile number."),
        ("ana@", "Write an email address, like name@example.org."),
        ("ana", "Write one email address"),
        ("600123456", "Begin the number with +"),
        ("+34 911 234 567", "cannot receive text messages"),
    ],
)
def test_what_is_no_address_is_told(client: Client, typed, message):
    page = client.post(reverse("sign_in"), {"contact": typed}).content.decode()
    assert message in page
    assert not Draft.objects.exists()


def test_every_address_costs_the_same_work_and_gets_the_same_page():
    """Up to the proof nothing looks an address up: statements and pages are the same."""
    make_person()
    seen = []
    for address in (MAIL, "nil@example.org"):
        visit = Client()
        pages = []
        with CaptureQueriesContext(connection) as work:
            ask(visit, address)
            pages.append(shown(visit, "confirm_sign_in"))
            wrong = visit.post(reverse("confirm_sign_in"), {"code": wrong_code()})
            pages.append(wrong.content.decode())
            visit.post(reverse("confirm_sign_in"), {"resend": "yes"})
            pages.append(shown(visit, "confirm_sign_in"))
        statements = [_shape(query["sql"]) for query in work.captured_queries]
        seen.append((statements, [_without_secrets(page, address) for page in pages]))
    assert seen[0][0] == seen[1][0]
    assert seen[0][1] == seen[1][1]
    assert not any("registrations_contactpoint" in statement for statement in seen[0][0])
    # The message is the same too, but for the code.
    texts = {delivery.message.texts.get().body for delivery in Delivery.objects.all()}
    assert len(texts) == 1


def _shape(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"'[^']*'(?:::\w+)?|\b\d+\b|s\d+_x\d+", "?", sql)


def _without_secrets(page: str, address: str) -> str:
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r'value="\d{6}"', "", plain).replace(address, "")


def test_an_address_uploaded_by_others_never_signs_in(client: Client):
    make_person()
    ContactPoint.objects.update(verified_at=None)
    assert prove(client) == reverse("offer_registration")
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_an_address_that_was_replaced_no_longer_signs_in(client: Client):
    make_person()
    ContactPoint.objects.update(replaced_at=timezone.now())
    assert prove(client) == reverse("offer_registration")


def test_a_wrong_code_opens_nothing(client: Client):
    make_person()
    ask(client)
    page = client.post(reverse("confirm_sign_in"), {"code": wrong_code()}).content.decode()
    assert "This code is not right" in page
    assert client.get(reverse("choose_registration"))["Location"] == reverse("sign_in")
    response = client.post(reverse("offer_registration"))
    assert response["Location"] == reverse("confirm_sign_in")
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_codes_are_limited_for_each_address(client: Client):
    for _ in range(5):
        ask(Client())
    page = client.post(reverse("sign_in"), {"contact": MAIL}).content.decode()
    assert "several codes there already" in page


def test_the_budget_for_text_messages_holds(client: Client, settings):
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"sms_codes_per_day": 0}
    page = client.post(reverse("sign_in"), {"contact": "+34600123456"}).content.decode()
    assert "We cannot send more text messages today" in page


def test_whoever_is_not_registered_may_register_and_proves_nothing_again(client: Client):
    make_places()
    assert prove(client) == reverse("offer_registration")
    assert "Nobody is registered with this address" in shown(client, "offer_registration")
    assert client.post(reverse("offer_registration"))["Location"] == reverse("enter_name")
    assert MAIL in shown(client, "enter_name")
    who = {"name": "Ana", "mail": MAIL, "mobile": "", "language": "es", "mail_abroad": "on"}
    client.post(reverse("enter_name"), who)
    assert client.get(reverse("add_stay")).status_code == 200
    assert Challenge.objects.count() == 1


def test_an_unfinished_registration_goes_on_from_another_device(client: Client):
    draft = actions.start_draft(
        answers=make_answers(
            contacts=(ContactAnswer("mail", MAIL),), stays=(), consents=frozenset()
        )
    )
    actions.send_code(draft_id=draft.pk, channel="mail", network="192.0.2.0/24")
    actions.confirm_code(draft_id=draft.pk, channel="mail", typed=newest_code())
    assert prove(client) == reverse("add_stay")
    assert "Here is the registration you began" in shown(client, "add_stay")
    assert client.session["registration"] == str(draft.pk)
    assert list(Draft.objects.values_list("pk", flat=True)) == [draft.pk]


@pytest.mark.parametrize("is_registered", [False, True])
def test_what_an_organiser_began_is_no_registration(client: Client, is_registered):
    """Taken for one, it would lose what is typed there when the organiser goes on with a group."""
    draft = actions.start_draft(
        answers=make_answers(
            contacts=(ContactAnswer("mail", MAIL),), group_kind="school", group_name="Colegio Sur"
        )
    )
    actions.send_code(draft_id=draft.pk, channel="mail", network="192.0.2.0/24")
    actions.confirm_code(draft_id=draft.pk, channel="mail", typed=newest_code())
    if is_registered:
        assert actions.register_group(draft_id=draft.pk, by=Actor.unknown())
    assert prove(client) == reverse("offer_registration")


def test_a_draft_that_proved_nothing_is_nobodys(client: Client):
    draft = actions.start_draft(answers=make_answers(contacts=(ContactAnswer("mail", MAIL),)))
    actions.send_code(draft_id=draft.pk, channel="mail", network="192.0.2.0/24")
    cache.clear()
    assert prove(client) == reverse("offer_registration")


def test_an_expired_draft_is_not_opened(client: Client):
    draft = actions.start_draft(answers=make_answers(contacts=(ContactAnswer("mail", MAIL),)))
    actions.send_code(draft_id=draft.pk, channel="mail", network="192.0.2.0/24")
    actions.confirm_code(draft_id=draft.pk, channel="mail", typed=newest_code())
    Draft.objects.update(expires_at=timezone.now())
    assert prove(client) == reverse("offer_registration")


@pytest.fixture
def family() -> tuple[Person, Person]:
    return make_person(), make_person(name="Óscar  Núñez")


@pytest.mark.parametrize("typed", ["oscar nunez", "ÓSCAR NÚÑEZ ", None])
def test_a_family_phone_opens_the_one_who_says_who_they_are(client: Client, family, typed):
    assert prove(client) == reverse("choose_registration")
    page = shown(client, "choose_registration")
    for person in family:
        assert person.name not in page
        assert person.reference not in page
    who = typed or family[1].reference.lower()
    response = client.post(reverse("choose_registration"), {"who": who})
    assert response["Location"] == reverse("read_registration")
    assert client.session["registration"] == str(family[1].pk)


def test_a_family_phone_gives_five_tries(client: Client, family):
    prove(client)
    for _ in range(limits.GUESSES):
        page = client.post(reverse("choose_registration"), {"who": "Nobody"}).content.decode()
        assert "No single registration" in page
        assert "Nobody" in page
    response = client.post(reverse("choose_registration"), {"who": "oscar nunez"})
    assert response["Location"] == reverse("sign_in")
    assert not Draft.objects.exists()
    assert client.get(reverse("choose_registration"))["Location"] == reverse("sign_in")


def test_two_of_one_name_need_the_reference(client: Client):
    first, _second = make_person(), make_person()
    prove(client)
    page = client.post(reverse("choose_registration"), {"who": "Ana Pérez"}).content.decode()
    assert "No single registration" in page
    client.post(reverse("choose_registration"), {"who": first.reference})
    assert client.session["registration"] == str(first.pk)


def test_no_stranger_is_opened_by_a_reference(client: Client, family):
    stranger = make_person(
        contacts=(ContactAnswer("mail", "else@example.org", verified_at=timezone.now()),)
    )
    prove(client)
    page = client.post(reverse("choose_registration"), {"who": reference_of(stranger.pk)})
    assert "No single registration" in page.content.decode()


def test_without_a_counter_nobody_guesses(client: Client, family, monkeypatch):
    prove(client)

    def down(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(limits.cache, "add", down)
    response = client.post(reverse("choose_registration"), {"who": "oscar nunez"})
    assert response["Location"] == reverse("sign_in")


def test_merged_registrations_open_the_one_that_was_kept(client: Client, family):
    absorbed, kept = family
    Person.objects.filter(pk=absorbed.pk).update(merged_into=kept)
    assert prove(client) == reverse("read_registration")
    assert client.session["registration"] == str(kept.pk)


def test_a_proof_opens_nothing_after_half_an_hour(client: Client, family):
    prove(client)
    draft = Draft.objects.get()
    late = timezone.now() - dt.timedelta(minutes=31)
    answers = dict(draft.answers)
    answers["contacts"] = [answers["contacts"][0] | {"verified_at": late.isoformat()}]
    draft.answers = answers
    draft.save()
    assert actions.people_proved_by(draft.pk) == []
    assert client.get(reverse("choose_registration"))["Location"] == reverse("sign_in")


def test_one_who_registers_again_may_open_what_is_there(client: Client):
    person = make_person()
    draft = actions.start_draft(answers=make_answers(stays=(), name="Ana"))
    session = client.session
    session["registration"] = str(draft.pk)
    session.save()
    assert actions.people_proved_by(draft.pk) == [person.pk]
    assert "already registered" in shown(client, "already_registered")
    onward = client.post(reverse("already_registered"), {"choice": "another"})
    assert onward["Location"] == reverse("add_stay")
    opened = client.post(reverse("already_registered"), {"choice": "open"})
    assert opened["Location"] == reverse("read_registration")
    assert client.session["registration"] == str(person.pk)


def test_one_who_registers_again_with_a_family_phone_says_who_they_are(client: Client, family):
    draft = actions.start_draft(answers=make_answers(stays=(), name="Ana"))
    session = client.session
    session["registration"] = str(draft.pk)
    session.save()
    response = client.post(reverse("already_registered"), {"choice": "open"})
    assert response["Location"] == reverse("choose_registration")


def test_nobody_is_asked_whose_address_opens_nothing(client: Client):
    draft = actions.start_draft(answers=make_answers(stays=(), name="Ana"))
    session = client.session
    session["registration"] = str(draft.pk)
    session.save()
    assert client.get(reverse("already_registered"))["Location"] == reverse("add_stay")
    assert Client().get(reverse("already_registered"))["Location"] == reverse("enter_name")


def test_a_visit_ends_after_half_an_hour_without_a_page(client: Client, monkeypatch):
    make_person()
    prove(client)
    start = timezone.now()
    monkeypatch.setattr(visits.timezone, "now", lambda: start + dt.timedelta(minutes=29))
    shown(client, "read_registration")
    monkeypatch.setattr(visits.timezone, "now", lambda: start + dt.timedelta(minutes=58))
    shown(client, "read_registration")
    monkeypatch.setattr(visits.timezone, "now", lambda: start + dt.timedelta(minutes=89))
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")
    monkeypatch.undo()
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")
    assert "half an hour" in shown(client, "sign_in")


def test_the_page_that_says_it_is_done_ends_with_the_visit(client: Client, monkeypatch):
    person = make_person()
    prove(client)
    assert person.reference in shown(client, "show_done")
    later = timezone.now() + dt.timedelta(minutes=31)
    monkeypatch.setattr(visits.timezone, "now", lambda: later)
    assert client.get(reverse("show_done"))["Location"] == reverse("start")


def test_finishing_leaves_nothing_on_the_device(client: Client):
    make_person()
    prove(client)
    assert client.get(reverse("finish_visit")).status_code == 405
    client.post(reverse("finish_visit"))
    assert not set(client.session.keys()) & {"registration", "registration_seen"}
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def test_the_session_holds_identifiers_only(client: Client, family):
    prove(client)
    assert set(client.session.keys()) == {"sign_in"}
    client.post(reverse("choose_registration"), {"who": family[0].reference})
    assert set(client.session.keys()) == {"registration", "registration_seen"}


def test_an_index_copied_onto_anothers_address_opens_nothing(client: Client):
    """Whoever may write to the database cannot make an address theirs that they cannot seal."""
    make_places()
    mine = make_person(contacts=(ContactAnswer("mail", MAIL, verified_at=timezone.now()),))
    victim = make_person(
        contacts=(ContactAnswer("mail", "ines@example.org", verified_at=timezone.now()),)
    )
    index = mine.contact_points.get().address_index
    mine.contact_points.all().delete()
    ContactPoint.objects.filter(person=victim).update(address_index=index)
    assert prove(client) == reverse("offer_registration")
