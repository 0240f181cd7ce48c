"""The link that proves an address given in a crisis, or disowns it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from audit.models import Entry
from crises import actions
from crises.models import Answer, Crisis
from notifications.links import token_for
from notifications.models import Delivery
from notifications.ports import Opened, Withheld, source_for
from registrations.actions import merge_people
from registrations.models import Consent, ContactPoint, Person
from registrations.references import reference_of
from tests.factories.accounts import make_coordinator
from tests.factories.crisis_forms import (
    arrived,
    make_known_crisis,
    page,
    proof_address,
    register,
)
from tests.factories.likenesses import someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis() -> Crisis:
    caches["limits"].clear()
    return make_known_crisis()


def test_the_link_proves_on_a_tap_only_and_signs_nobody_in(client, crisis):
    register(client, crisis)
    person = arrived()
    address = proof_address(person)
    for _time in range(2):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    assert person.contact_points.get().verified_at is None
    response = client.post(address)
    assert response.status_code == 302
    assert not response.cookies
    assert not client.session.keys()
    assert person.contact_points.get().verified_at is not None
    assert person.reports.get().agreed_at is not None
    assert "Your address is confirmed" in page(client, address)
    proved = person.contact_points.get().verified_at
    client.post(address)
    assert person.contact_points.get().verified_at == proved
    assert Entry.objects.filter(action="contact.prove").count() == 1


def test_the_page_names_nobody_and_has_the_number(client, crisis):
    register(client, crisis)
    shown = page(client, proof_address(arrived()))
    assert 'href="tel:+97714411223"' in shown
    for personal in ("Rosa", "600123987", reference_of(arrived().pk)):
        assert personal not in shown


def test_it_was_not_me(client, crisis):
    register(client, crisis, wellbeing="need_help")
    person = arrived()
    address = proof_address(person)
    assert client.post(address, {"disown": "1"}).status_code == 302
    assert not person.contact_points.exists()
    assert Person.objects.filter(pk=person.pk).exists()
    assert Answer.objects.filter(person_id=person.pk, choice="need_help").exists()
    assert "no longer registered" in page(client, address)
    assert client.post(address).status_code == 302


def test_a_proved_address_cannot_be_disowned_by_an_old_link(client, crisis):
    register(client, crisis)
    address = proof_address(arrived())
    client.post(address)
    client.post(address, {"disown": "1"})
    assert arrived().contact_points.exists()


@pytest.mark.parametrize("token", ["x", "A" * 43])
def test_a_link_that_we_did_not_make(client, token):
    assert client.get(f"/p/{token}/").status_code == 404
    assert client.post(f"/p/{token}/").status_code == 404


def test_the_link_of_a_notice_proves_nothing(client, crisis):
    of_notice = Delivery.objects.filter(message__purpose="crisis").first()
    assert of_notice is not None
    assert client.post(f"/p/{token_for(of_notice.pk)}/").status_code == 404


def test_two_weeks_after_the_end_it_has_expired(client, crisis):
    register(client, crisis)
    address = proof_address(arrived())
    actions.close_crisis(crisis=crisis, by=crisis.opened_by)
    Crisis.objects.update(closed_at=timezone.now() - timedelta(days=14, minutes=1))
    response = client.get(address)
    assert response.status_code == 410
    assert b'href="tel:+97714411223"' in response.content
    assert client.post(address).status_code == 410
    assert arrived().contact_points.get().verified_at is None


def test_the_source_opens_what_is_unproved_and_wanted(client, crisis):
    register(client, crisis)
    point = arrived().contact_points.get()
    source = source_for("crisis_proof")
    assert source.open([point.pk], "crisis_proof", deliveries=[]) == {
        point.pk: Opened("+34600123987", arrived().language)
    }
    ContactPoint.objects.filter(pk=point.pk).update(verified_at=timezone.now())
    assert source.open([point.pk], "crisis_proof", deliveries=[])[point.pk] == Withheld("proved")
    Consent.objects.update(withdrawn_at=timezone.now())
    assert source.open([point.pk], "crisis_proof", deliveries=[])[point.pk] == Withheld(
        "no_consent"
    )
    Person.objects.all().delete()
    assert source.open([point.pk], "crisis_proof", deliveries=[])[point.pk] == Withheld("erased")


def test_an_address_that_was_given_up_is_not_proved_again_by_its_old_link(client, crisis):
    register(client, crisis)
    person = arrived()
    address = proof_address(person)
    client.post(address)
    person.contact_points.update(verified_at=None, replaced_at=timezone.now())
    assert client.post(address).status_code == 302
    assert person.contact_points.get().verified_at is None
    client.post(address, {"disown": "1"})
    # Whoever reads it is still told that it was replaced.
    assert person.contact_points.exists()
    assert "no longer registered" in client.get(f"{address}?language=en").content.decode()


def test_a_stranger_s_address_opens_nobody_it_was_merged_into(client, crisis):
    """Anybody may register anybody's name in a crisis; officers go by the name and the place."""
    kept = someone()
    register(client, crisis)
    impostor: Person = arrived()
    address = proof_address(impostor)
    merge_people(kept_id=kept.pk, absorbed_id=impostor.pk, by=make_coordinator())
    client.post(address)
    assert kept.contact_points.proved().count() == 1
    assert not kept.contact_points.get(channel="sms").verified_at
