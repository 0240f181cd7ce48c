"""Whom a newcomer to the demo can be: prepared once, complete, and found twice by officers."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from micic_portal.demo.guests import ORGANISER_MAIL, TRAVELLER_MAIL, ensure_demo_guests
from registrations.contacts import index_of
from registrations.duplicates import candidates
from registrations.models import ContactPoint, Group, Person
from registrations.validation import MailAddress
from tests.factories.accounts import make_coordinator
from tests.factories.places import make_place

pytestmark = pytest.mark.django_db


def test_they_are_prepared_once():
    cache.clear()
    make_place(pk=1, name="Tokyo", country="JP", latitude=35.69, longitude=139.69)
    make_place(pk=2, name="Kyoto", country="JP", latitude=35.02, longitude=135.75)
    make_place(pk=3, name="Mérida", country="MX", latitude=20.97, longitude=-89.62)
    ensure_demo_guests()
    ensure_demo_guests()
    assert Person.objects.count() == 2
    assert ContactPoint.objects.get(address_index=index_of(MailAddress(TRAVELLER_MAIL))).verified_at
    assert Group.objects.get().organiser_index == index_of(MailAddress(ORGANISER_MAIL))
    assert candidates(make_coordinator(), limit=5).pairs
