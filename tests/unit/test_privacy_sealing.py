"""A sealed value opens for its field, its row and its owner; moved or altered it never opens."""

from __future__ import annotations

import base64
import copy
import pickle
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy.sealing import CannotOpen, Sealed, seal, unseal

# A busy machine is slow; it does not make a property false.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIELD = "tests.letter.text"
ROW, OWNER = uuid.uuid4(), uuid.uuid4()

# Lone surrogates included: a form or an import may hand them in.
texts = st.text(alphabet=st.characters(exclude_categories=()))
jsons = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=10,
)


def ring(*numbers: int) -> str:
    return ",".join(f"k{n}:{base64.b64encode(bytes([n]) * 32).decode()}" for n in numbers)


def put(value: object = "Calle Real 5") -> Sealed:
    return seal(value, seal=FIELD, pk=ROW, owner=OWNER)


@patient
@given(jsons)
def test_any_json_value_comes_back_as_it_was(value):
    opened = unseal(put(value), seal=FIELD, pk=ROW, owner=OWNER)
    assert opened == value
    assert type(opened) is type(value)


@patient
@given(texts, st.uuids(), st.none() | st.uuids(), st.sampled_from(["field", "pk", "owner"]))
def test_moved_to_another_field_row_or_owner_it_never_opens(value, pk, owner, moved):
    sealed = seal(value, seal=FIELD, pk=pk, owner=owner)
    place: dict[str, Any] = {"seal": FIELD, "pk": pk, "owner": owner}
    others: dict[str, dict[str, Any]] = {
        "field": {"seal": FIELD + "2"},
        "pk": {"pk": ROW},
        "owner": {"owner": OWNER},
    }
    with pytest.raises(CannotOpen):
        unseal(sealed, **(place | others[moved]))


@patient
@given(texts, st.data())
def test_with_one_bit_flipped_it_never_opens(value, data):
    raw = bytearray(put(value).raw)
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(CannotOpen):
        unseal(Sealed(bytes(raw)), seal=FIELD, pk=ROW, owner=OWNER)


@patient
@given(st.binary(max_size=80))
def test_whatever_else_stands_in_the_column_is_refused(raw):
    with pytest.raises(CannotOpen):
        unseal(Sealed(raw), seal=FIELD, pk=ROW, owner=OWNER)


@patient
@given(st.integers(1, 60))
def test_cut_off_it_never_opens(missing):
    with pytest.raises(CannotOpen):
        unseal(Sealed(put().raw[:-missing]), seal=FIELD, pk=ROW, owner=OWNER)


def test_row_and_owner_cannot_stand_for_each_other():
    with pytest.raises(CannotOpen):
        unseal(put(), seal=FIELD, pk=OWNER, owner=ROW)


def test_the_same_value_is_sealed_differently_each_time():
    assert len({put() for _ in range(100)}) == 100


def test_the_newest_key_seals_and_every_key_opens(settings):
    settings.FIELD_KEYS = ring(1)
    old = put("old")
    settings.FIELD_KEYS = ring(2, 1)
    new = put("new")
    assert (old.key_id, new.key_id) == ("k1", "k2")
    assert unseal(old, seal=FIELD, pk=ROW, owner=OWNER) == "old"
    assert unseal(new, seal=FIELD, pk=ROW, owner=OWNER) == "new"


def test_a_key_that_is_gone_is_named(settings):
    settings.FIELD_KEYS = ring(1)
    old = put("Calle Real 5")
    settings.FIELD_KEYS = ring(2)
    with pytest.raises(CannotOpen, match="'k1'") as error:
        unseal(old, seal=FIELD, pk=ROW, owner=OWNER)
    assert FIELD in str(error.value)


def test_another_key_of_the_same_name_does_not_open(settings):
    settings.FIELD_KEYS = ring(1)
    old = put()
    settings.FIELD_KEYS = ring(2).replace("k2", "k1")
    with pytest.raises(CannotOpen):
        unseal(old, seal=FIELD, pk=ROW, owner=OWNER)


def test_the_secret_key_has_no_part_in_it(settings):
    sealed = put()
    settings.SECRET_KEY = "another"
    assert unseal(sealed, seal=FIELD, pk=ROW, owner=OWNER) == "Calle Real 5"


def test_an_error_tells_neither_value_nor_row_nor_owner():
    with pytest.raises(CannotOpen) as error:
        unseal(put(), seal=FIELD, pk=ROW, owner=None)
    shown = f"{error.value!s} {error.value!r} {error.value.__cause__!r}"
    for secret in ("Calle", str(ROW), str(OWNER), ROW.hex, put().raw.hex()):
        assert secret not in shown


def test_what_is_no_json_is_refused_without_being_shown():
    for value in (float("nan"), {1, 2}, b"Calle", object()):
        with pytest.raises((TypeError, ValueError)) as error:
            put(value)
        assert "Calle" not in str(error.value)


def test_a_row_is_named_by_a_plain_key():
    with pytest.raises(TypeError, match="list"):
        seal("x", seal=FIELD, pk=[1], owner=None)
    assert unseal(seal("x", seal=FIELD, pk=1, owner="a"), seal=FIELD, pk=1, owner="a") == "x"
    with pytest.raises(CannotOpen):
        unseal(seal("x", seal=FIELD, pk=1, owner=None), seal=FIELD, pk="1", owner=None)


def test_a_sealed_value_shows_nothing_and_survives_copies():
    sealed = put()
    assert repr(sealed) == str(sealed) == "<sealed>"
    assert copy.deepcopy(sealed) == pickle.loads(pickle.dumps(sealed)) == sealed
    assert sealed != sealed.raw
    assert Sealed(b"").key_id == Sealed(b"\x02ab").key_id == ""


def test_a_value_costs_few_bytes():
    assert len(put("x" * 20).raw) <= 20 + 54
