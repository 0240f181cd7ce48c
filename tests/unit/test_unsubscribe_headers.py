"""The button by which a mail program ends messages stands where it may, and forges nothing."""

from __future__ import annotations

import uuid
from email import message_from_bytes, policy
from email.message import EmailMessage

from notifications.channels.mail.addresses import Sender
from notifications.channels.mail.composing import MailComposer
from notifications.channels.ports import UNSUBSCRIBE
from notifications.models import MessageText

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
ADDRESS = "https://portal.example/stop/abc"


def mail(**values: str) -> EmailMessage:
    text = MessageText(language="es", subject="s", body="{stop}")
    sender = Sender("", "us@capital.example")
    letter = MailComposer(text, sender).fill(ONE, "a@example.org", {"stop": ADDRESS, **values})
    return message_from_bytes(letter.payload, policy=policy.default)


def test_one_click_ends_it():
    read = mail(**{UNSUBSCRIBE: ADDRESS})
    assert read["List-Unsubscribe"] == f"<{ADDRESS}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read.get_content().strip() == ADDRESS


def test_a_link_in_the_text_alone_gives_no_button():
    read = mail()
    assert read["List-Unsubscribe"] is None
    assert read["List-Unsubscribe-Post"] is None
    assert read.get_content().strip() == ADDRESS


def test_no_value_forges_a_header():
    read = mail(**{UNSUBSCRIBE: f"{ADDRESS}\r\nBcc: everyone@example.org"})
    assert read["Bcc"] is None
