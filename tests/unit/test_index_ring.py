"""The ring of secrets that make blind indexes."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import assume, given
from hypothesis import strategies as st

from micic_portal.environment import demo_key, env_secret
from privacy.blind_index import blind_index, blind_indexes
from privacy.derivation import domain_key
from privacy.index_ring import MARK_BYTES, NAMELESS, IndexRing, mark_of

ids = st.from_regex(r"[A-Za-z0-9._-]{1,32}", fullmatch=True)
secrets = st.from_regex(r"[A-Za-z0-9+/=]{32,60}", fullmatch=True)
rings = st.dictionaries(ids, secrets, min_size=1, max_size=4)
values = st.text(max_size=50)


def test_a_secret_without_an_id_gives_the_indexes_of_before_rings(settings):
    key = domain_key("BLIND_INDEX_KEY", "contact")
    expected = hmac.new(key, b"ana@example.org", hashlib.sha256).digest()
    assert blind_index("contact", "ana@example.org") == expected
    assert blind_indexes("contact", "ana@example.org") == [expected]
    settings.BLIND_INDEX_KEY = f"new:{'n' * 40},{settings.BLIND_INDEX_KEY}"
    assert blind_indexes("contact", "ana@example.org")[1] == expected


@given(rings, secrets, values, st.sampled_from(",\n"))
def test_each_index_has_32_bytes_and_tells_its_key(keys, nameless, value, separator):
    text = separator.join([*(f" {i}:{secret} " for i, secret in keys.items()), nameless])
    ring = IndexRing.parse(text)
    assert ring.key_ids == (*keys, NAMELESS)
    assert ring.newest == next(iter(keys))
    made = [ring.index(key_id, "d", value) for key_id in ring.key_ids]
    assert [len(index) for index in made] == [32] * len(made)
    assert [ring.key_id_of(index) for index in made] == list(ring.key_ids)
    assert len(set(made)) == len(made)


@given(rings, st.permutations(range(4)), values)
def test_the_order_and_the_company_of_a_key_change_nothing_of_its_indexes(keys, order, value):
    names = [name for _place, name in sorted(zip(order, keys, strict=False))]
    one = IndexRing(keys)
    other = IndexRing({name: keys[name] for name in names})
    for name in names:
        alone = IndexRing({name: keys[name]}).index(name, "d", value)
        assert one.index(name, "d", value) == other.index(name, "d", value) == alone


@given(ids, ids, secrets, values)
def test_one_secret_under_two_ids_makes_two_indexes_that_differ(one, other, secret, value):
    assume(one != other)
    ring = IndexRing({one: secret, other: secret})
    assert ring.index(one, "d", value)[:MARK_BYTES] != ring.index(other, "d", value)[:MARK_BYTES]


@given(rings, values)
def test_what_no_key_of_the_ring_made_is_known_to_be_strange(keys, value):
    ring = IndexRing(keys)
    strange = IndexRing({"~": "s" * 40}).index("~", "d", value)
    assert mark_of("~") not in {mark_of(name) for name in keys}
    assert ring.key_id_of(strange) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "shorter"),
        ("short", "shorter"),
        ("a:short", "shorter"),
        (f"a:{'x' * 40},a:{'y' * 40}", "'a' stands there twice"),
        (f"a:{'x' * 40},{'y' * 40},{'z' * 40}", "two secrets lack an id"),
    ],
)
def test_a_ring_that_cannot_be_read_is_refused_without_showing_a_secret(text, says):
    with pytest.raises(ImproperlyConfigured, match=says) as error:
        IndexRing.parse(text)
    assert "xxxx" not in str(error.value)


def test_a_ring_shows_its_ids_alone():
    ring = IndexRing.parse(f"a:{'x' * 40},{'y' * 40}")
    assert repr(ring) == "<IndexRing a, (no id)>"


@pytest.mark.parametrize("name", ["FIELD_KEYS", "BLIND_INDEX_KEY"])
def test_production_refuses_the_demo_key_anywhere_in_a_ring(monkeypatch, name):
    own = "b3duIGtleSBvZiB0aGlydHktdHdvIGJ5dGVzISEhISE="
    monkeypatch.setenv(name, f"2:{own},1:{demo_key(name)}")
    with pytest.raises(ImproperlyConfigured, match="demo"):
        env_secret(name, mode="production")
    monkeypatch.setenv(name, f"2:{own},1:{own[::-1]}")
    assert env_secret(name, mode="production").startswith("2:")
