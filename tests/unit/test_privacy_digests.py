"""Blind indexes and token digests: keyed, apart by domain, never from SECRET_KEY."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.blind_index import blind_index
from privacy.derivation import domain_key
from privacy.tokens import keyed_digest

# A busy machine is slow; it does not make a property false.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DOMAIN = "registrations.contactpoint.address"


def test_the_same_value_has_the_same_index_in_its_domain_only():
    index = blind_index(DOMAIN, "ana@example.org")
    assert len(index) == 32
    assert index == blind_index(DOMAIN, "ana@example.org")
    assert index != blind_index(DOMAIN, "eva@example.org")
    assert index != blind_index("registrations.challenge.address", "ana@example.org")


@pytest.mark.parametrize(
    ("setting", "digest"),
    [
        ("BLIND_INDEX_KEY", lambda: blind_index(DOMAIN, "ana@example.org")),
        ("LINK_KEY", lambda: keyed_digest("link", b"id")),
    ],
)
def test_each_digest_hangs_on_its_own_key_and_no_other(settings, setting, digest):
    before = digest()
    for other in {"SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "LINK_KEY"} - {setting}:
        setattr(settings, other, "1:" + "o" * 40)
    assert digest() == before
    setattr(settings, setting, "another secret of more than 32 characters")
    assert digest() != before


def test_a_short_secret_is_refused_and_named(settings):
    settings.LINK_KEY = "short"
    with pytest.raises(ImproperlyConfigured, match="LINK_KEY") as error:
        keyed_digest("link", b"id")
    assert "short " not in str(error.value)


def test_a_domain_is_never_empty():
    with pytest.raises(ValueError, match="domain"):
        blind_index("", "value")


def test_two_settings_give_different_keys_even_from_one_secret(settings):
    settings.BLIND_INDEX_KEY = settings.LINK_KEY
    assert domain_key("BLIND_INDEX_KEY", "d") != domain_key("LINK_KEY", "d")


@patient
@given(st.lists(st.binary(max_size=6), max_size=4), st.lists(st.binary(max_size=6), max_size=4))
def test_parts_are_told_apart(one, two):
    assert (keyed_digest("code", *one) == keyed_digest("code", *two)) == (one == two)
