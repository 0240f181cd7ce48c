"""In a crisis a network is counted as it is outside one: the visitor's, not our proxy's."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from notifications.models import Delivery
from tests.factories.crisis_forms import make_known_crisis, register

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("networks", "proofs"), [(("203.0.113.9", "198.51.100.9"), 2),
                                                 (("203.0.113.9", "203.0.113.80"), 1)])  # fmt: skip
def test_networks_are_told_apart_behind_our_own_proxy(settings, networks, proofs):
    cache.clear()
    settings.TRUSTED_PROXIES = 1
    settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_network_hour": 1}
    crisis = make_known_crisis()
    before = Delivery.objects.count()
    for number, network in enumerate(networks):
        visitor = Client(headers={"X-Forwarded-For": network})
        typed = {"mobile": f"+3460012398{number}", "token": str(number) * 32}
        assert register(visitor, crisis, **typed).status_code == 302
    assert Delivery.objects.count() - before == proofs
