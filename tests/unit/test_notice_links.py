"""The token in a notice's link, and the code of its SMS answer."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from notifications.links import delivery_id_from, link_for, reply_code, token_for

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")


@given(st.uuids())
def test_a_token_leads_back_to_its_delivery(delivery_id: uuid.UUID):
    token = token_for(delivery_id)
    assert len(token) == 43
    assert delivery_id_from(token) == delivery_id


def test_a_retry_computes_the_same_link():
    assert link_for(ONE) == link_for(ONE)
    assert link_for(ONE).endswith(f"/a/{token_for(ONE)}")


@given(st.integers(0, 42), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_changed_character_is_a_forgery(position: int, character: str):
    token = token_for(ONE)
    changed = token[:position] + character + token[position + 1 :]
    assert (delivery_id_from(changed) is None) == (changed != token)


@given(st.text())
def test_any_text_is_answered_without_an_error(text: str):
    assert delivery_id_from(text) is None


def test_another_version_is_another_link():
    assert delivery_id_from(token_for(ONE, version=2)) is None
    assert delivery_id_from(token_for(ONE, version=2), version=2) == ONE


def test_a_token_of_another_key_is_refused(settings: Settings):
    token = token_for(ONE)
    settings.LINK_KEY = "YW5vdGhlci1rZXktb2YtdGhpcnR5LXR3by1ieXRlcyE="
    assert delivery_id_from(token) is None


@given(st.uuids())
def test_a_reply_code_is_four_plain_characters(delivery_id: uuid.UUID):
    code = reply_code(delivery_id)
    assert len(code) == 4
    assert not set(code) & set("015OISZ2AEU")
    assert code == reply_code(delivery_id)
