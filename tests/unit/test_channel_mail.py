"""The bytes of a mail: every script, and no value that forges a header."""

from __future__ import annotations

import uuid
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.channels.mail.addresses import Sender, envelope_address, sender_of
from notifications.channels.mail.composing import MailComposer
from notifications.channels.mail.server import server_of
from notifications.channels.mail.transport import check_config
from notifications.channels.ports import BadAddress, Letter
from notifications.models import MessageText
from notifications.providers import Provider

US = Sender("Consular Service", "consular@capital.example")
ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")


def filled(subject: str, body: str, address: str = "a@example.org", **values: str) -> Letter:
    text = MessageText(language="ar", subject=subject, body=body)
    return MailComposer(text, US).fill(ONE, address, values)


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


def described(**options: str) -> Provider:
    return Provider("mail", "relay", {"name": "relay", **options})


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("Kathmandu: فيضان", "\u200fKathmandu: فيضان"),
        ("(2) Delhi فيضان", "\u200f(2) Delhi فيضان"),
        ("فيضان: Kathmandu", "فيضان: Kathmandu"),
        ("https://portal.example/a/x", "https://portal.example/a/x"),
        ("12:30 فيضان", "12:30 فيضان"),
    ],
)
def test_a_line_of_arabic_runs_from_the_right_whatever_it_begins_with(text: str, turned: str):
    mail = parsed(filled(text, f"فيضان\n{text}"))
    assert mail.get_body().get_content().splitlines() == ["فيضان", turned]
    assert mail["Subject"] == turned
    assert mail["Content-Language"] == "ar"


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{place}: فيضان", "\u200fKathmandu: فيضان"),
        ("فيضان في {place}", "فيضان في Kathmandu"),
        ("{place}", "Kathmandu"),
    ],
)
def test_a_line_that_begins_with_a_value_runs_from_the_right_too(template: str, line: str):
    mail = parsed(filled("فيضان", template, place="Kathmandu"))
    assert mail.get_body().get_content().splitlines() == [line]


def test_the_sender_forges_no_header():
    sender = sender_of(described(sender='"Us\r\nBcc: b@x.example" <us@capital.example>'))
    text = MessageText(language="es", subject="s", body="b")
    mail = parsed(MailComposer(text, sender).fill(ONE, "a@example.org", {}))
    assert mail["Bcc"] is None
    assert mail["From"].addresses[0].addr_spec == "us@capital.example"


def test_a_server_of_its_own_takes_no_password_from_the_first(settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "of-the-first"
    assert server_of(described()).password == "of-the-first"
    own = server_of(described(host="other.example", use_ssl="true"))
    assert (own.user, own.password, own.port, own.use_tls) == ("", "", 465, False)
    assert "of-the-first" not in repr(server_of(described()))


def test_the_configuration_is_checked(settings):
    assert check_config(described()) == []
    settings.EMAIL_HOST = ""
    settings.DEFAULT_FROM_EMAIL = "nobody"
    assert len(check_config(described())) == 2


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"shape": "pigeon"}, "MAIL_RELAY_SHAPE must be smtp or anymail."),
        ({"port": "smtp"}, "MAIL_RELAY_PORT is no port."),
        ({"use_tls": "perhaps"}, "MAIL_RELAY_USE_TLS must be true or false."),
        ({"use_tls": "true", "use_ssl": "true"}, "not both"),
        ({"host": "other.example", "user": "portal"}, "MAIL_RELAY_PASSWORD is not set"),
        ({"sender": "a@example.org, b@example.org"}, "MAIL_RELAY_SENDER holds no mail address."),
    ],
)
def test_each_mistake_is_named(options: dict[str, str], word: str):
    [problem] = check_config(described(**options))
    assert word in problem


def test_mails_in_the_clear_are_warned_of_in_production(settings):
    settings.PORTAL_MODE = "production"
    far = described(host="relay.example", use_tls="false")
    [problem] = check_config(far)
    assert "unencrypted" in problem
    assert check_config(described(host="127.0.0.1", use_tls="false")) == []
    assert check_config(described(host="relay.example", use_tls="true")) == []
