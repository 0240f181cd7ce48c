"""The key ring: what it takes, what it refuses, and that it never shows a key."""

from __future__ import annotations

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from privacy.keyring import KeyMissing, KeyRing, key_ring


def key(number: int, length: int = 32) -> str:
    return base64.b64encode(bytes([number]) * length).decode()


def test_the_first_key_is_the_newest_and_order_is_kept():
    ring = KeyRing.parse(f"2026-b:{key(2)}, 2026-a:{key(1)}\n\n 1:{key(0)} ,")
    assert ring.newest == "2026-b"
    assert ring.key_ids == ("2026-b", "2026-a", "1")


def test_many_keys_are_held():
    ring = KeyRing.parse("\n".join(f"k{n}:{key(n)}" for n in range(200)))
    assert len(ring.key_ids) == 200
    sealed = ring.cipher("k199").encrypt(b"n" * 12, b"x", None)
    assert ring.cipher("k199").decrypt(b"n" * 12, sealed, None) == b"x"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" ,\n", "empty"),
        (key(1), "id:base64key"),
        (f"1:{key(1)},1:{key(2)}", "twice"),
        ("old:not*base64", "'old' is not base64"),
        (f"old:{key(1, 16)}", "'old' has 16 bytes"),
        (f"a b:{key(1)}", "key id"),
        (f":{key(1)}", "key id"),
        (f"{'x' * 33}:{key(1)}", "key id"),
        (f"é:{key(1)}", "key id"),
    ],
)
def test_a_ring_that_cannot_be_read_says_why_and_shows_no_key(text, says):
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS") as error:
        KeyRing.parse(text)
    assert says in str(error.value)
    assert key(1) not in str(error.value)
    assert "not*base64" not in str(error.value)


def test_a_missing_key_is_named():
    with pytest.raises(KeyMissing, match="'gone'") as error:
        KeyRing.parse(f"1:{key(1)}").cipher("gone")
    assert error.value.key_id == "gone"


def test_the_ring_shows_ids_only():
    assert repr(KeyRing.parse(f"1:{key(1)},2:{key(2)}")) == "<KeyRing 1, 2>"


def test_the_settings_in_force_are_read(settings):
    settings.FIELD_KEYS = f"later:{key(3)}"
    assert key_ring().newest == "later"
    assert key_ring() is key_ring()
