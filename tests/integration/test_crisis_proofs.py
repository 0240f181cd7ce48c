"""Links that prove an address given in a crisis, after that address was given up or moved on."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.utils import timezone

from crises.models import Crisis
from registrations.actions import merge_people
from registrations.models import Person
from tests.factories.accounts import make_coordinator
from tests.factories.crisis_forms import arrived, make_known_crisis, proof_address, register
from tests.factories.likenesses import someone

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis() -> Crisis:
    caches["limits"].clear()
    return make_known_crisis()


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
