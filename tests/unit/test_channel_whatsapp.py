"""What is sent as a WhatsApp template, what Meta's answers mean, and what it tells us."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from micic_portal.demo.sinks import whatsapp as fake
from notifications.channels.calls import Call, Forged, ReceiptKind, Unreadable
from notifications.channels.ports import BadAddress, Verdict
from notifications.channels.references import kept_reference
from notifications.channels.whatsapp.composing import WhatsAppComposer, valid_address
from notifications.channels.whatsapp.transport import check_config, outcome_of
from notifications.channels.whatsapp.webhooks import answer_challenge, read_call
from notifications.models import MessageText
from notifications.providers import Provider

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
NUMBER = "+9779800000000"
OPTIONS = {
    "name": "meta",
    "phone_number_id": fake.NUMBER_ID,
    "token": fake.TOKEN,
    "template": fake.TEMPLATE,
    "template_languages": "es, en=en_US,fr,ar",
    "app_secret": fake.APP_SECRET,
    "verify_token": "a-word-of-ours",
}


def provider(**options: str) -> Provider:
    return Provider("whatsapp", "meta", {**OPTIONS, **options})


def composed(
    *,
    language: str = "en",
    subject: str = "Flood in {place}",
    body: str = "Go: {link}",
    short: str = "Flood!",
    by: Provider | None = None,
    **values: str,
) -> dict[str, Any]:
    text = MessageText(language=language, subject=subject, body=body, sms=short)
    values = {"place": "Kathmandu", "link": "https://p/a/x", **values}
    return json.loads(WhatsAppComposer(text, by or provider()).fill(ONE, NUMBER, values).payload)


def parameters(letter: dict[str, Any]) -> list[str]:
    return [one["text"] for one in letter["template"]["components"][0]["parameters"]]


def test_a_notice_is_an_approved_template_with_its_words_as_parameters():
    letter = composed()
    assert letter["to"] == NUMBER
    assert letter["type"] == "template"
    assert letter["template"]["name"] == "notice"
    assert letter["template"]["language"] == {"code": "en_US"}
    assert parameters(letter) == ["Flood in Kathmandu", "Flood!", "https://p/a/x"]
    assert letter["biz_opaque_callback_data"] == str(ONE)
    assert fake._fault_of(letter) is None


@pytest.mark.parametrize(("ours", "theirs"), [("es", "es"), ("ar", "ar"), ("de", "en_US")])
def test_each_language_has_its_template(ours: str, theirs: str):
    assert composed(language=ours)["template"]["language"] == {"code": theirs}


def test_no_parameter_is_such_that_meta_refuses_it():
    letter = composed(
        subject="Flood\tin\n{place}",
        short="",
        body="Leave.\r\n\r\nNow,       please.\n" * 100 + "{link}",
        place="Kath\nmandu" * 60,
        link="https://p/" + "x" * 200,
    )
    assert fake._fault_of(letter) is None
    title, words, link = parameters(letter)
    assert title.startswith("Flood in Kath mandu")
    assert words.startswith("Flood in Kath mandu")
    assert words.endswith("…")
    assert link == "https://p/" + "x" * 200


def test_a_text_without_words_or_link_still_fills_the_template(settings):
    letter = composed(body="Hello", short="{place}", place="")
    assert parameters(letter) == ["Flood in", "Flood in", settings.PORTAL_URL]
    assert fake._fault_of(letter) is None


@pytest.mark.parametrize("number", ["", "0123", "9779800000000", "+0123456789", "+123456789\n"])
def test_only_an_international_number_is_an_address(number: str):
    with pytest.raises(BadAddress):
        valid_address(number)
    with pytest.raises(BadAddress):
        WhatsAppComposer(MessageText(language="en"), provider()).fill(ONE, number, {})


def error(code: object) -> bytes:
    return json.dumps({"error": {"code": code, "message": f"no {NUMBER}"}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "verdict", "code"),
    [
        (200, b'{"messages": [{"id": "wamid.x"}]}', Verdict.ACCEPTED, ""),
        (200, b'{"messages": []}', Verdict.UNCERTAIN, "whatsapp_garbled"),
        (200, b"<html>Welcome</html>", Verdict.UNCERTAIN, "whatsapp_garbled"),
        (200, b"", Verdict.UNCERTAIN, "whatsapp_garbled"),
        (400, error(131026), Verdict.FAILED, "whatsapp_131026"),
        (400, error(131050), Verdict.FAILED, "whatsapp_131050"),
        (400, error(131056), Verdict.RETRY, "whatsapp_131056"),
        (429, error(130429), Verdict.RETRY, "whatsapp_130429"),
        (400, error(80007), Verdict.RETRY, "whatsapp_80007"),
        (400, error(131048), Verdict.RETRY, "whatsapp_131048"),
        (500, error(131000), Verdict.RETRY, "whatsapp_131000"),
        (503, error(2), Verdict.RETRY, "whatsapp_2"),
        (401, error(190), Verdict.RETRY, "whatsapp_refused_us_190"),
        (400, error(131047), Verdict.RETRY, "whatsapp_refused_us_131047"),
        (404, error(132001), Verdict.RETRY, "whatsapp_refused_us_132001"),
        (400, error(132015), Verdict.RETRY, "whatsapp_refused_us_132015"),
        (400, error(999999), Verdict.RETRY, "whatsapp_refused_us_999999"),
        (400, error("x"), Verdict.RETRY, "whatsapp_garbled_400"),
        (400, error(10**30), Verdict.RETRY, "whatsapp_garbled_400"),
        (400, b"<html>Bad Request</html>", Verdict.RETRY, "whatsapp_garbled_400"),
        (403, b"", Verdict.RETRY, "whatsapp_refused_us_403"),
        (502, b"<html>", Verdict.RETRY, "whatsapp_502"),
        (302, b"", Verdict.RETRY, "whatsapp_refused_us_302"),
    ],
)
def test_what_an_answer_means(status: int, body: bytes, verdict: Verdict, code: str):
    outcome = outcome_of(status, body)
    assert (outcome.verdict, outcome.code) == (verdict, code)
    assert len(outcome.code) <= 40


def test_metas_wish_to_wait_is_read():
    assert outcome_of(429, error(130429), "30").retry_after == 30


def test_what_is_kept_of_a_message_id_does_not_tell_the_number():
    """Meta's own holds it in plain base64."""
    theirs = fake.message_id(NUMBER)
    answer = json.dumps({"messages": [{"id": theirs}]}).encode()
    reference = outcome_of(200, answer).reference
    assert reference == kept_reference("whatsapp", theirs)
    assert reference not in theirs
    assert len(reference) == 22


def test_the_configuration_is_checked():
    assert check_config(provider()) == []
    assert check_config(Provider("whatsapp", "meta", {"name": "meta"})) == [
        "WHATSAPP_META_PHONE_NUMBER_ID is not set as it should be.",
        "WHATSAPP_META_TOKEN is not set as it should be.",
        "WHATSAPP_META_TEMPLATE is not set as it should be.",
        "WHATSAPP_META_APP_SECRET is not set as it should be.",
        "WHATSAPP_META_VERIFY_TOKEN is not set as it should be.",
        "WHATSAPP_META_TEMPLATE_LANGUAGES lacks ar, en, es, fr.",
    ]
    assert check_config(provider(template_languages="es,en=en_US")) == [
        "WHATSAPP_META_TEMPLATE_LANGUAGES lacks ar, fr."
    ]
    assert check_config(provider(base="graph.facebook.com", version="23")) == [
        "WHATSAPP_META_VERSION is not set as it should be.",
        "WHATSAPP_META_BASE is not set as it should be.",
    ]


def call(
    body: bytes = b"", *, signature: str | None = None, query: dict[str, str] | None = None
) -> Call:
    given = fake.signature_of(body) if signature is None else signature
    headers = {"X-Hub-Signature-256": given} if given else {}
    return Call(
        "POST", "https://p/channels/whatsapp/meta/", headers, query or {}, body, datetime.now(UTC)
    )


def challenge(**query: str) -> Call:
    return call(query={f"hub.{name}": value for name, value in query.items()})


def test_meta_is_told_that_the_address_is_ours():
    asked = challenge(mode="subscribe", verify_token="a-word-of-ours", challenge="1158201444")
    assert answer_challenge(provider(), asked) == b"1158201444"


@pytest.mark.parametrize("word", ["", "another", "a-word-of-ours ", "ä-word"])
def test_nobody_else_is(word: str):
    asked = challenge(mode="subscribe", verify_token=word, challenge="1")
    with pytest.raises(Forged):
        answer_challenge(provider(), asked)
    with pytest.raises(Forged):
        answer_challenge(provider(verify_token=""), challenge(mode="subscribe", challenge="1"))


@pytest.mark.parametrize("text", ["", "<script>alert(1)</script>", "x" * 201, "é"])
def test_nothing_but_a_plain_challenge_is_repeated(text: str):
    asked = challenge(mode="subscribe", verify_token="a-word-of-ours", challenge=text)
    with pytest.raises(Unreadable):
        answer_challenge(provider(), asked)


STATUS = {"id": "wamid.x", "timestamp": "1750000000", "biz_opaque_callback_data": str(ONE)}


@pytest.mark.parametrize(
    ("told", "kind", "code"),
    [
        ({"status": "sent"}, ReceiptKind.ACCEPTED, ""),
        ({"status": "delivered"}, ReceiptKind.DELIVERED, ""),
        ({"status": "read"}, ReceiptKind.READ, ""),
        ({"status": "failed"}, ReceiptKind.FAILED, "whatsapp_failed"),
        (
            {"status": "failed", "errors": [{"code": 131049, "title": NUMBER}]},
            ReceiptKind.FAILED,
            "whatsapp_131049",
        ),
        (
            {"status": "failed", "errors": [{"code": 131026}]},
            ReceiptKind.BOUNCED,
            "whatsapp_131026",
        ),
    ],
)
def test_what_became_of_a_message_is_told(told: dict[str, Any], kind: ReceiptKind, code: str):
    (receipt,) = read_call(
        provider(), call(fake.call_about(statuses=[{**STATUS, **told}]))
    ).receipts
    assert (receipt.kind, receipt.code) == (kind, code)
    assert receipt.delivery_id == ONE
    assert receipt.provider_reference == kept_reference("whatsapp", "wamid.x")
    assert receipt.at == datetime.fromtimestamp(1750000000, UTC)


def test_a_receipt_that_does_not_echo_our_id_is_found_by_theirs():
    body = fake.call_about(statuses=[{"id": "wamid.x", "status": "read"}, {"status": "read"}])
    (receipt,) = read_call(provider(), call(body)).receipts
    assert (receipt.delivery_id, receipt.at) == (None, None)
    assert receipt.provider_reference == kept_reference("whatsapp", "wamid.x")


def message(kind: str, content: object) -> bytes:
    told = {"from": "9779800000000", "id": "wamid.in", "type": kind, kind: content}
    return fake.call_about(messages=[told])


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text", {"body": "مرحبا 🌊 1 K7QF"}, "مرحبا 🌊 1 K7QF"),
        ("text", {"body": "a\x00b\ud800"}, "ab?"),
        ("button", {"text": "I am safe", "payload": "x"}, "I am safe"),
        (
            "interactive",
            {"type": "button_reply", "button_reply": {"id": "1", "title": "AYUDA"}},
            "AYUDA",
        ),
        ("location", {"latitude": 27.7, "longitude": 85.3}, "[location] 27.7, 85.3"),
        ("image", {"id": "1", "caption": "look"}, "[image] look"),
        ("audio", {"id": "1"}, "[audio]"),
        ("unsupported", {}, "[unsupported]"),
    ],
)
def test_what_somebody_writes_is_a_reply(kind: str, content: object, text: str):
    (reply,) = read_call(provider(), call(message(kind, content))).replies
    assert (reply.channel, reply.provider) == ("whatsapp", "whatsapp.meta")
    assert (reply.sender, reply.text) == (NUMBER, text)
    assert reply.provider_reference == kept_reference("whatsapp", "wamid.in")
    assert reply.in_reply_to is None


@pytest.mark.parametrize(
    "body",
    [
        message("reaction", {"emoji": "👍"}),
        message("text", {"body": ""}),
        message("text", "x"),
        message("", {}),
        message("<b>", {}),
        fake.call_about(messages=[{"from": "x", "type": "text", "text": {"body": "1"}}, None, 7]),
        fake.call_about(statuses=[None, {"status": ["sent"]}, {"status": "deleted", "id": "x"}]),
        fake.call_about(statuses="x", messages={"a": 1}),
        fake.call_about(metadata={"phone_number_id": "1"}, statuses=[{**STATUS, "status": "read"}]),
        b'{"object": "whatsapp_business_account"}',
        b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"value": 1}]}, 1]}',
    ],
)
def test_what_is_no_answer_or_not_about_us_is_passed_over(body: bytes):
    taken = read_call(provider(), call(body))
    assert (list(taken.receipts), list(taken.replies)) == ([], [])


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"object": "page"}', b"[" * 100_000])
def test_a_signed_call_that_is_not_metas_is_unreadable(body: bytes):
    with pytest.raises(Unreadable):
        read_call(provider(), call(body))


BODY = fake.call_about(statuses=[{**STATUS, "status": "read"}])
SIGNED = fake.signature_of(BODY)


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", SIGNED[7:], f"sha1={SIGNED[7:]}", SIGNED[:-1] + "é", fake.signature_of(b"x")],
)
def test_a_call_that_meta_did_not_sign_is_forged(signature: str):
    assert read_call(provider(), call(BODY, signature=SIGNED)).receipts
    with pytest.raises(Forged):
        read_call(provider(), call(BODY, signature=signature))


def test_without_a_secret_every_call_is_forged():
    with pytest.raises(Forged):
        read_call(provider(app_secret=""), call(BODY, signature=SIGNED))
