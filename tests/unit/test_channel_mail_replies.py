"""Of a reply only what its writer wrote is read, in whatever language a mail program quotes."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crises.enums import Choice
from crises.replies import read_reply
from notifications.channels.mail.replies import LONGEST, answered_delivery, own_words

NOTICE = "Answer 1 if you are safe, 2 if you need help"


@pytest.mark.parametrize(
    "text",
    [
        f"SAFE\n\nOn Mon, 23 Nov 2026 at 03:31, Consular Service wrote:\n> {NOTICE}",
        f"SAFE\r\n\r\nOn Mon, 23 Nov 2026 at 03:31, Consular Service\r\nwrote:\r\n\r\n> {NOTICE}",
        f"SAFE\n\nEl lun, 23 nov 2026, Servicio escribió:\n\n> {NOTICE}",
        f"SAFE\n\nLe lun. 23 nov. 2026 à 03:31, Service a écrit :\n> {NOTICE}",
        f"SAFE\n\nفي الاثنين، ٢٣ نوفمبر كتب:\n> {NOTICE}",
        f"SAFE\n\n领事服务 于2026年11月23日写道：\n> {NOTICE}",
        f"SAFE\n\n-----Original Message-----\nFrom: us\n{NOTICE}",
        f"SAFE\n\n________________________________\nDe: us\n{NOTICE}",
        f"SAFE\n\nFrom: us\nSent: Monday\nTo: you\nSubject: Flood\n\n{NOTICE}",
        f"SAFE\n\nDe: us\nEnviado: lunes\nPara: you\nAsunto: Flood\n\n{NOTICE}",
        f"SAFE\n\n*من:* us\n*تاريخ:* اليوم\n*إلى:* you\n\n{NOTICE}",
        f"SAFE\n\n发件人：us\n发送时间：今天\n收件人：you\n\n{NOTICE}",
        f"SAFE\n-- \nA Person\n{NOTICE}",
        f"SAFE\n> {NOTICE}",
    ],
)
def test_what_is_quoted_is_not_said(text: str):
    assert own_words(text) == "SAFE"


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "AYUDA\nestoy en el hotel",
        "I am here: the school\nTwo of us are hurt",
        "أنا بخير",
        "1) safe\n2) all of us",
    ],
)
def test_what_is_said_stays(text: str):
    assert own_words(text) == text


def test_what_stands_below_the_quotation_may_take_back_what_stands_above():
    assert (
        own_words(f"SAFE\n> {NOTICE}\nnot my son\n> more\n-- \nA Person") == "SAFE\n↓\nnot my son"
    )
    assert own_words(f"On Monday X wrote:\n> {NOTICE}\n\n2") == "↓\n2"
    # It is read as it is anywhere, save that nothing calming is taken for certain.
    assert [
        read_reply(own_words(f"{above}\n> {NOTICE}\n{below}")).choice
        for above, below in [("SAFE", "not my son"), ("SAFE", "thanks"), ("", "1"), ("", "2")]
    ] == [None, None, None, Choice.NEED_HELP]


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str):
    assert len(own_words(text)) <= LONGEST
    assert NOTICE not in own_words(f"{text}\n\nX wrote:\n> {NOTICE}")


def test_a_long_reply_is_cut():
    assert len(own_words("a" * 200_000)) == LONGEST


def test_an_id_of_somebody_elses_is_no_delivery():
    message = EmailMessage()
    message["In-Reply-To"] = "<20261123.7ad04950@mail.example>"
    assert answered_delivery(message) is None
