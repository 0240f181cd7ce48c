"""How I am reached: a new address is proved before it counts, and the old one is told."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from notifications.models import Delivery
from registrations import actions
from registrations.codes import code_of
from registrations.models import (
    Challenge,
    Person,
)
from tests.factories.registrations import make_person
from tests.factories.visits import acts, prove, refused, send, shown

pytestmark = pytest.mark.django_db
NEW_MAIL = "new@example.org"
SYSTEM = Actor.system("tests")


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
