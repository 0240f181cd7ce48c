"""My registration: each thing that people change there, and what it does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.ledger import entries_about
from audit.models import Entry
from notifications.models import Delivery
from registrations import actions, visits
from registrations.answers import CompanionAnswer, ContactAnswer
from registrations.codes import code_of
from registrations.contacts import index_of, value_of
from registrations.mine_urls import urlpatterns
from registrations.models import (
    Challenge,
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Group,
    Person,
    Report,
    Stay,
)
from tests.factories.accounts import make_post
from tests.factories.registrations import KATHMANDU, make_person, make_places, pin_stay, today

pytestmark = pytest.mark.django_db
NEW_MAIL = "new@example.org"
SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def visit(person: Person) -> Client:
    return visit_of(person)


def visit_of(person: Person) -> Client:
    client = Client()
    session = client.session
    session["registration"] = str(person.pk)
    session.save()
    return client


def shown(client: Client, name: str, /, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def send(
    client: Client, name: str, /, *args: Any, then: str = "read_registration", **data: str
) -> None:
    response = client.post(reverse(name, args=args), data)
    assert response.status_code == 302, response.content.decode()
    assert response["Location"] == reverse(then)


def refused(client: Client, name: str, /, *args: Any, **data: str) -> str:
    response = client.post(reverse(name, args=args), data)
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def acts(person: Person) -> list[str]:
    return [entry.action for entry in entries_about(person.pk)]


def prove(client: Client, name: str, *args: Any, contact: str) -> None:
    send(client, name, *args, then="confirm_contact", contact=contact)
    code = code_of(Challenge.objects.latest("created_at").pk)
    send(client, "confirm_contact", code=code)


# Stays


def test_the_page_shows_the_number_of_the_post_where_the_person_is_now(visit: Client):
    make_post(name="Embassy in Kathmandu", jurisdiction=["NP"], telephone_24h="+97714411223")
    make_post(name="Consulate in Paris", city="Paris", jurisdiction=["FR"])
    page = shown(visit, "read_registration")
    assert "tel:+97714411223" in page
    assert "Embassy in Kathmandu, day and night" in page
    assert "Consulate in Paris" not in page


def test_the_timeline_shows_past_now_and_coming():
    day = dt.timedelta(days=1)
    person = make_person(
        stays=(
            pin_stay(starts_on=today() - 9 * day, ends_on=today() - 4 * day),
            pin_stay(country="FR"),
            pin_stay(country="CL", starts_on=today() + 20 * day, ends_on=today() + 30 * day),
        )
    )
    page = shown(visit_of(person), "read_registration")
    for word in ("Past", "Now", "Coming"):
        assert f">{word}</span>" in page
    assert page.count('class="bars__fill"') == 3
    assert "The upright line is today." in page
    # Each can be told from the picture by its text alone.
    assert page.index(">Now</span>") < page.index(">Coming</span>") < page.index(">Past</span>")


def test_a_stay_is_left_and_returned_to(visit: Client, person: Person):
    stay = person.stays.get()
    end = stay.ends_on
    send(visit, "leave_own_stay", stay.pk)
    stay.refresh_from_db()
    assert stay.planned_end == end
    page = shown(visit, "read_registration")
    assert "You have left" in page
    assert "I am still there" in page
    send(visit, "return_to_own_stay", stay.pk)
    stay.refresh_from_db()
    assert stay.ends_on == end
    assert stay.planned_end is None
    assert {"stay.leave", "stay.return"} <= set(acts(person))


def test_a_stay_is_confirmed_and_gets_another_last_day(visit: Client, person: Person):
    Stay.objects.update(confirmed_at=timezone.now() - dt.timedelta(days=90))
    stay = person.stays.get()
    send(visit, "confirm_own_stay", stay.pk)
    stay.refresh_from_db()
    assert timezone.now() - stay.confirmed_at < dt.timedelta(minutes=1)
    shown(visit, "change_last_day", stay.pk)
    later = today() + dt.timedelta(days=40)
    send(visit, "change_last_day", stay.pk, ends_on=later.isoformat())
    stay.refresh_from_db()
    assert stay.ends_on == later
    assert "before the first day" in refused(
        visit, "change_last_day", stay.pk, ends_on="2001-01-01"
    )


def test_stays_are_added_changed_and_removed_but_not_the_last(visit: Client, person: Person):
    first = person.stays.get()
    shown(visit, "add_own_stay")
    days = {"starts_on": today().isoformat(), "ends_on": today().isoformat()}
    send(visit, "add_own_stay", kind="trip", place="Kathmandu", **days)
    send(visit, "add_own_stay", kind="trip", place="Kathmandu", **days)
    added = person.stays.exclude(pk=first.pk).get()
    assert (added.place_id, added.precision) == (KATHMANDU, "place")
    assert 'value="Kathmandu, Nepal"' in shown(visit, "change_own_stay", added.pk)
    send(visit, "change_own_stay", added.pk, kind="trip", place="Suva", **days)
    added.refresh_from_db()
    assert added.country == "FJ"
    assert "no town of this name" in refused(
        visit, "change_own_stay", added.pk, kind="trip", place="Xyzzyville", **days
    )
    send(visit, "remove_own_stay", added.pk)
    send(visit, "remove_own_stay", first.pk)
    assert person.stays.get() == first
    assert "This is your only stay" in shown(visit, "read_registration")
    assert {"stay.add", "stay.change", "stay.remove"} <= set(acts(person))


def test_a_pin_is_kept_where_it_was_when_something_else_is_changed(visit: Client, person: Person):
    stay = person.stays.get()
    page = shown(visit, "change_own_stay", stay.pk)
    latitude = page.split('name="latitude" value="')[1].split('"')[0]
    longitude = page.split('name="longitude" value="')[1].split('"')[0]
    send(
        visit,
        "change_own_stay",
        stay.pk,
        kind="trip",
        latitude=latitude,
        longitude=longitude,
        starts_on=stay.starts_on.isoformat(),
        ends_on=stay.ends_on.isoformat(),
        exact_address="Calle Luna 7",
    )
    cell = stay.cell
    stay.refresh_from_db()
    assert (stay.cell, stay.exact_address) == (cell, "Calle Luna 7")


@pytest.mark.parametrize(
    "name", ["leave_own_stay", "return_to_own_stay", "confirm_own_stay", "remove_own_stay"]
)
def test_nobody_changes_another_persons_stay(visit: Client, name):
    other = make_person(stays=(pin_stay(), pin_stay(country="FR"))).stays.first()
    assert other is not None
    visit.post(reverse(name, args=[other.pk]))
    kept = Stay.objects.get(pk=other.pk)
    assert (kept.ends_on, kept.confirmed_at) == (other.ends_on, other.confirmed_at)
    for page in ("change_own_stay", "change_last_day"):
        assert visit.get(reverse(page, args=[other.pk])).status_code == 404


# Contacts


def test_a_new_address_is_proved_before_it_counts(visit: Client, person: Person):
    shown(visit, "add_contact")
    send(visit, "add_contact", then="confirm_contact", contact=NEW_MAIL)
    assert person.contact_points.count() == 1
    page = shown(visit, "confirm_contact")
    assert NEW_MAIL in page
    code = code_of(Challenge.objects.get().pk)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "This code is not right" in refused(visit, "confirm_contact", code=wrong)
    assert person.contact_points.count() == 1
    send(visit, "confirm_contact", code=code)
    assert {point.address for point in person.contact_points.proved()} == {
        "ana@example.org",
        NEW_MAIL,
    }
    assert "contact.add" in acts(person)
    assert visit.get(reverse("confirm_contact"))["Location"] == reverse("add_contact")


def test_a_replaced_address_is_told_and_no_longer_counts(visit: Client, person: Person):
    old = person.contact_points.get()
    actions.say_where_contact_works(
        person_id=person.pk, contact_id=old.pk, works_abroad=False, by=SYSTEM
    )
    assert "ana@example.org" in shown(visit, "replace_contact", old.pk)
    prove(visit, "replace_contact", old.pk, contact=NEW_MAIL)
    old.refresh_from_db()
    assert old.replaced_at
    assert old.verified_at is None
    new = person.contact_points.get(replaced_at=None)
    assert (new.address, new.works_abroad) == (NEW_MAIL, False)
    told = Delivery.objects.get(recipient_id=old.pk)
    assert told.message.purpose == "replaced"
    page = shown(visit, "read_registration")
    assert NEW_MAIL in page
    assert "ana@example.org" not in page


def test_the_last_proved_address_stays(visit: Client, person: Person):
    only = person.contact_points.get()
    send(visit, "remove_contact", only.pk)
    assert "only address that is proved" in shown(visit, "read_registration")
    prove(visit, "add_contact", contact="+34600123456")
    send(visit, "remove_contact", only.pk)
    only.refresh_from_db()
    assert only.replaced_at
    assert person.contact_points.get(replaced_at=None).channel == "sms"
    assert "contact.remove" in acts(person)


def test_an_address_may_work_at_home_only(visit: Client, person: Person):
    point = person.contact_points.get()
    shown(visit, "read_contact", point.pk)
    send(visit, "set_works_abroad", point.pk, works_abroad="no")
    point.refresh_from_db()
    assert not point.works_abroad
    assert "Does not work abroad" in shown(visit, "read_registration")
    send(visit, "set_works_abroad", point.pk, works_abroad="yes")


def test_nobody_changes_another_persons_address(visit: Client):
    other = make_person().contact_points.get()
    for name in ("read_contact", "replace_contact"):
        assert visit.get(reverse(name, args=[other.pk])).status_code == 404
    for name in ("remove_contact", "set_works_abroad", "replace_contact"):
        data = {"contact": NEW_MAIL, "works_abroad": "no"}
        assert visit.post(reverse(name, args=[other.pk]), data).status_code == 404
    other.refresh_from_db()
    assert (other.verified_at is None, other.replaced_at, other.works_abroad) == (False, None, True)


# Who they are, companions, family


def test_name_document_and_birth_are_corrected(visit: Client, person: Person):
    given = {"document_number": "X123456", "birth_date": "1990-05-17", "language": "fr"}
    shown(visit, "change_facts")
    assert "Write your name." in refused(visit, "change_facts", name="", **given)
    before = set(person.keys.values_list("index", flat=True))
    send(visit, "change_facts", name="Ana Núñez", **given)
    person = Person.objects.get()
    assert (person.name, person.language, person.document_number, person.birth_date) == (
        "Ana Núñez",
        "fr",
        "X123456",
        dt.date(1990, 5, 17),
    )
    # Duplicates are looked for by what is right now.
    assert before != set(person.keys.values_list("index", flat=True))
    send(visit, "change_facts", name="Ana Núñez", language="fr", document_number="", birth_date="")
    assert Person.objects.get().document_number is None
    entry = entries_about(person.pk).filter(action="registration.change").latest("at")
    assert entry.details["fields"] == ["birth_date", "document_number"]


def test_needs_rest_on_their_own_consent(visit: Client, person: Person):
    shown(visit, "change_needs")
    assert "Tick this" in refused(visit, "change_needs", needs_text="insulin")
    assert Person.objects.get().needs is None
    send(visit, "change_needs", needs_text="insulin", agree="on")
    assert Person.objects.get().needs == "insulin"
    assert "insulin" in shown(visit, "read_registration")
    send(visit, "stop_consent", then="read_consents", purpose="needs")
    assert Person.objects.get().needs is None
    with pytest.raises(actions.NotAgreed):
        actions.change_needs(person_id=person.pk, needs="insulin", by=SYSTEM)


def test_statistics_rest_on_their_own_consent(visit: Client, person: Person):
    shown(visit, "change_statistics")
    send(visit, "change_statistics", agree="on", gender="female", home_region="Norte")
    assert (Person.objects.get().gender, Person.objects.get().home_region) == ("female", "Norte")
    assert "Norte" in shown(visit, "read_registration")
    send(visit, "stop_consent", then="read_consents", purpose="statistics")
    assert (Person.objects.get().gender, Person.objects.get().home_region) == (None, None)
    send(visit, "change_statistics", gender="female", home_region="Norte")
    assert Person.objects.get().gender is None


def test_companions_are_added_corrected_and_removed(visit: Client, person: Person):
    shown(visit, "add_own_companion")
    send(visit, "add_own_companion", name="Leo", consent="guardian", birth_date="")
    leo = Companion.objects.get()
    assert (leo.is_minor, leo.person_id) == (True, person.pk)
    assert "Leo" in shown(visit, "change_own_companion", leo.pk)
    send(
        visit, "change_own_companion", leo.pk, name="Leo Pérez", consent="in_person", birth_date=""
    )
    leo.refresh_from_db()
    assert (leo.name, leo.is_minor) == ("Leo Pérez", False)
    assert "Leo Pérez" in shown(visit, "read_registration")
    send(visit, "remove_own_companion", leo.pk)
    assert not Companion.objects.exists()


def test_a_companion_who_speaks_for_themselves_is_only_removed(visit: Client, person: Person):
    leo = Companion.objects.create(
        person=person, name="Leo", is_minor=False, consent="invited", text_version="1"
    )
    assert "What is wrong they correct themselves" in shown(visit, "change_own_companion", leo.pk)
    send(visit, "change_own_companion", leo.pk, name="Leon", consent="in_person", birth_date="")
    leo.refresh_from_db()
    assert leo.name == "Leo"
    companion = CompanionAnswer("Leo", is_minor=False, consent="in_person")
    other = make_person()
    assert not actions.change_companion(
        person_id=other.pk, companion_id=leo.pk, companion=companion, by=SYSTEM
    )
    assert not actions.remove_companion(person_id=other.pk, companion_id=leo.pk, by=SYSTEM)


def test_family_contacts_are_added_told_changed_and_removed(visit: Client, person: Person):
    FamilyContact.objects.all().delete()
    shown(visit, "add_own_family")
    send(visit, "add_own_family", name="Luz", mail="luz@example.org", phone="", language="fr")
    luz = FamilyContact.objects.get()
    assert luz.told_at
    assert Delivery.objects.filter(recipient_id=luz.pk).count() == 1
    assert "luz@example.org" in shown(visit, "change_own_family", luz.pk)
    send(visit, "change_own_family", luz.pk, name="Luz P.", mail="luz@example.org", language="fr")
    assert Delivery.objects.filter(recipient_id=luz.pk).count() == 1
    send(visit, "remove_own_family", luz.pk)
    assert not FamilyContact.objects.exists()
    for number in range(3):
        send(visit, "add_own_family", name="A", mail=f"a{number}@example.org", language="fr")
    page = refused(visit, "add_own_family", name="A", mail="a3@example.org", language="fr")
    assert "up to 3 people" in page


def test_an_objection_is_shown_without_a_name_and_holds(visit: Client, person: Person):
    index = index_of(value_of("mail", "luz@example.org"))
    FamilyContact.objects.update(address_index=index)
    luz = FamilyContact.objects.get()
    assert actions.object_to_listing(contact_id=luz.pk, by=SYSTEM)
    page = shown(visit, "read_registration")
    assert "One of your family contacts did not want to be listed" in page
    assert "Luz" not in page
    again = refused(visit, "add_own_family", name="Luz", mail="luz@example.org", language="es")
    assert "did not want to be listed here" in again
    assert visit.get(reverse("change_own_family", args=[luz.pk])).status_code == 404
    send(visit, "remove_own_family", luz.pk)
    assert FamilyContact.objects.filter(pk=luz.pk).exists()


# Consents


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


def test_a_newer_text_asks_again_and_suspends_nothing(visit: Client, person: Person):
    Consent.objects.update(text_version="2020-01-01")
    assert Person.objects.with_consent("crisis_contact").exists()
    assert "has changed" in shown(visit, "read_registration")
    assert "The text has changed: read and agree again" in shown(visit, "read_consents")
    send(visit, "give_consent", then="read_consents", purpose="crisis_contact")
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


# Group, focal point, erasure


def test_a_group_is_left_without_its_knowing(visit: Client, person: Person):
    group = Group.objects.create(
        kind="school",
        name="School Trip",
        organiser_name="Teacher",
        organiser_mail="t@example.org",
        organiser_index=b"i" * 32,
        language="es",
        stays=[],
        ends_on=today(),
    )
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
