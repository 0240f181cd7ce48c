"""The bytes of a mail: every script, and no value that forges a header."""

from __future__ import annotations

import uuid
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.mail.composing import MailComposer, envelope_address
from notifications.channels.mail.transport import check_config
from notifications.channels.ports import BadAddress, Letter
from notifications.models import MessageText
from notifications.providers import Provider

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")


def filled(subject: str, body: str, address: str = "a@example.org", **values: str) -> Letter:
    text = MessageText(language="ar", subject=subject, body=body)
    return MailComposer(text).fill(ONE, address, values)


def parsed(letter: Letter):
    return message_from_bytes(letter.payload, policy=policy.default)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"])))
def test_every_script_comes_through(words: str):
    mail = parsed(filled("تحذير: {place}", "قبل {place} بعد 🌊\nنهاية", place=words))
    clean = words.strip()
    assert mail.get_body().get_content().splitlines() == [f"قبل {clean} بعد 🌊", "نهاية"]


def test_the_subject_is_readable_in_arabic_with_emoji():
    mail = parsed(
        filled("تحذير من الفيضان في {place} 🌊 والمناطق المجاورة لها", "x", place="كاتماندو")
    )
    assert mail["Subject"] == "تحذير من الفيضان في كاتماندو 🌊 والمناطق المجاورة لها"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\r\n "])
def test_no_value_forges_a_header(end: str):
    forged = f"Kathmandu{end}Bcc: everyone@example.org"
    mail = parsed(filled("In {place}", "In {place}", place=forged))
    assert mail["Bcc"] is None
    assert str(mail["Subject"]).split() == ["In", "Kathmandu", "Bcc:", "everyone@example.org"]
    assert mail.get_body().get_content().count("\n") == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b@c.example",
        "a@example.org\r\nDATA",
        "a@example.org\n",
        "a b@example.org",
        "<a@example.org>",
        "a@example.org,b@example.org",
        '"a b"@example.org',
        "a@ex ample.org",
        "a@example.org>",
        f"{'a' * 65}@example.org",
        f"a@{'b' * 260}.org",
        "a@..",
        f"a@{'ب' * 70}.example",
    ],
)
def test_an_address_that_cannot_be_one_recipient_is_refused(address: str):
    with pytest.raises(BadAddress):
        envelope_address(address)


def test_a_domain_in_another_script_travels_in_ascii():
    assert envelope_address("a@bücher.example") == "a@xn--bcher-kva.example"


def test_lines_are_short_and_none_begins_with_a_dot():
    letter = filled("Hello", ".\n.\r\n" + "x" * 5000 + "\n.")
    lines = letter.payload.split(b"\r\n")
    assert max(map(len, lines)) < 998
    assert not any(line.startswith(b".") for line in lines)
    assert b"\n" not in letter.payload.replace(b"\r\n", b"")


def test_neither_address_nor_text_shows_in_a_traceback():
    letter = filled("Hello", "Secret", "secret@example.org")
    assert "secret" not in repr(letter).lower()


def test_the_configuration_is_checked(settings):
    assert check_config(Provider("mail", "smtp", {})) == []
    settings.EMAIL_HOST = ""
    settings.DEFAULT_FROM_EMAIL = "nobody"
    assert len(check_config(Provider("mail", "smtp", {}))) == 2
