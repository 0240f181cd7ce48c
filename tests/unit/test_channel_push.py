"""Which subscriptions are taken, what a browser is shown, and what push services' answers mean."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from notifications.channels.ports import BadAddress, Verdict
from notifications.channels.push.composing import (
    LONGEST_TTL,
    PushComposer,
    valid_address,
)
from notifications.channels.push.signing import BadKeys, Signer, new_keys
from notifications.channels.push.transport import check_config, encrypted, outcome_of
from notifications.enums import Lane
from notifications.models import Message, MessageText
from notifications.providers import Provider
from tests.fakes.push import Browser

ONE = uuid.UUID("7ad04950-117b-4d5f-9296-c09617c61202")
MOZILLA = "https://updates.push.services.mozilla.com"
KEYS = new_keys()
BROWSER = Browser(MOZILLA, KEYS.public)


def provider(**options: str) -> Provider:
    set_ = {
        "public_key": KEYS.public,
        "private_key": KEYS.private,
        "subject": "mailto:portal@capital.example",
    }
    return Provider("push", "webpush", {"name": "webpush", **set_, **options})


def changed(**parts: object) -> str:
    return json.dumps({**BROWSER.subscription, **parts})


def at(endpoint: str) -> str:
    return changed(endpoint=endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        f"{MOZILLA}/wpush/v2/gAAAA-b_c",
        "https://fcm.googleapis.com/fcm/send/dQw4:APA91bF_x-y",
        "https://web.push.apple.com/QGk1",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAD%2bx%3d",
    ],
)
def test_the_browsers_push_services_are_taken(endpoint: str):
    kept = json.loads(valid_address(at(endpoint)))
    assert kept == {"endpoint": endpoint, "keys": BROWSER.subscription["keys"]}
    assert valid_address(json.dumps(kept)) == valid_address(at(endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/fcm/send/x",
        "https://fcm.googleapis.com",
        "https://fcm.googleapis.com:8443/x",
        "https://user@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@10.0.0.1/x",
        "https://fcm.googleapis.com\\@10.0.0.1/x",
        "https://fcm.googleapis.com#@10.0.0.1/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://localhost/x",
        "https://intranet.capital.example/x",
        "https://evil.example/fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://xfcm.googleapis.com/x",
        "https://push.apple.com/x",
        "https://a.b.push.apple.com/x",
        "https://evilpush.apple.com/x",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/x\r\nHost: y",
        "https://fcm.googleapis.com/x#y",
        "HTTPS://FCM.GOOGLEAPIS.COM/x",
        "https://fcm.googleapis.com/\u0130",
        "",
        None,
        ["https://fcm.googleapis.com/x"],
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(endpoint: object):
    with pytest.raises(BadAddress):
        valid_address(changed(endpoint=endpoint))


GOOD = BROWSER.subscription["keys"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 3000,
        json.dumps({"endpoint": f"{MOZILLA}/x"}),
        changed(more="x"),
        changed(keys=None),
        changed(keys={"auth": GOOD["auth"]}),
        changed(keys={**GOOD, "more": "x"}),
        changed(keys={**GOOD, "auth": GOOD["auth"][:-4]}),
        changed(keys={**GOOD, "auth": "é" * 22}),
        changed(keys={**GOOD, "p256dh": GOOD["p256dh"][:-4]}),
        changed(keys={**GOOD, "p256dh": "BA" + "A" * 85}),  # no point of the curve
        changed(keys={**GOOD, "p256dh": 7}),
        at(f"{MOZILLA}/{'x' * 5000}"),
    ],
)
def test_what_is_no_subscription_is_refused(text: str):
    with pytest.raises(BadAddress):
        valid_address(text)


def test_the_operator_says_which_push_services_there_are():
    here = "https://push.capital.example/x"
    assert valid_address(at(here), ["push.capital.example"])
    with pytest.raises(BadAddress):
        valid_address(at(f"{MOZILLA}/x"), ["push.capital.example"])


def composed(
    *,
    language: str = "en",
    body: str = "Go: {link}",
    short: str = "Flood!",
    subject: str = "Flood in {place}",
    lane: Lane = Lane.CRISIS,
    hours: float = 1,
    **values: str,
) -> tuple[dict[str, object], dict[str, str]]:
    message = Message(lane=lane, expires_at=timezone.now() + timedelta(hours=hours))
    text = MessageText(message=message, language=language, subject=subject, body=body, sms=short)
    filled = PushComposer(text, provider()).fill(
        ONE, BROWSER.address, {"place": "Kathmandu", "link": "L", **values}
    )
    letter = json.loads(filled.payload)
    return letter, json.loads(letter.pop("notice"))


def test_a_browser_is_shown_a_title_a_few_words_and_the_link():
    assert composed()[1] == {
        "title": "Flood in Kathmandu",
        "body": "Flood!",
        "link": "L",
        "language": "en",
        "direction": "ltr",
        "tag": ONE.hex,
    }


def test_arabic_runs_from_right_to_left():
    assert composed(language="ar")[1]["direction"] == "rtl"


def test_the_link_does_not_stand_in_the_words_too():
    assert composed(short="See here: {link}")[1]["body"] == "See here:"


def test_a_text_without_a_link_has_none():
    assert "link" not in composed(body="Call us.", short="")[1]


def test_a_notice_of_a_crisis_is_urgent_and_advice_is_not():
    assert composed(lane=Lane.CRISIS)[0]["urgency"] == "high"
    assert composed(lane=Lane.VERIFICATION)[0]["urgency"] == "high"
    assert composed(lane=Lane.ADVICE)[0]["urgency"] == "normal"


@pytest.mark.parametrize(("hours", "seconds"), [(1, 3600), (-1, 0), (24 * 90, LONGEST_TTL)])
def test_a_push_service_keeps_it_as_long_as_it_is_true(hours: float, seconds: int):
    assert composed(hours=hours)[0]["ttl"] == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize("character", ["a", "ع", "🌊", '"', "\\", "\n", "\x01"])
def test_a_long_text_is_cut_so_that_it_fits_when_encrypted(character: str):
    long = "x" + character * 2_000_000 + "x"
    notice = composed(subject=long, short=long, link="L" * 300)[1]
    written = json.dumps(notice, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(encrypted_for(BROWSER, written)) <= 4096
    assert notice["link"] == "L" * 300


def encrypted_for(browser: Browser, notice: bytes) -> bytes:
    from notifications.channels.push.composing import subscription_from

    return encrypted(subscription_from(browser.address), notice)


def test_only_the_browser_that_subscribed_can_read_it():
    body = encrypted_for(BROWSER, b'{"title":"x"}')
    assert BROWSER.read(body) == {"title": "x"}
    with pytest.raises(Exception, match="Decryption error"):
        Browser(MOZILLA, KEYS.public).read(body)


def test_a_line_break_in_a_value_changes_no_title():
    assert composed(place="Kathmandu\r\nURGENT")[1]["title"] == "Flood in Kathmandu URGENT"


def test_a_subscription_elsewhere_is_no_address():
    text = MessageText(message=Message(lane=10, expires_at=timezone.now()), language="en")
    with pytest.raises(BadAddress):
        PushComposer(text, provider()).fill(ONE, at("https://10.0.0.1/x"), {"link": "L"})


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        (200, Verdict.ACCEPTED, ""),
        (201, Verdict.ACCEPTED, ""),
        (202, Verdict.ACCEPTED, ""),
        (404, Verdict.FAILED, "gone"),
        (410, Verdict.FAILED, "gone"),
        (413, Verdict.FAILED, "push_413"),
        (400, Verdict.FAILED, "push_400"),
        (401, Verdict.RETRY, "push_refused_us_401"),
        (403, Verdict.RETRY, "push_refused_us_403"),
        (302, Verdict.RETRY, "push_refused_us_302"),
        (429, Verdict.RETRY, "push_429"),
        (500, Verdict.RETRY, "push_500"),
        (503, Verdict.RETRY, "push_503"),
    ],
)
def test_what_an_answer_means(status: int, verdict: Verdict, code: str):
    outcome = outcome_of(status, "9")
    assert (outcome.verdict, outcome.code) == (verdict, code)
    assert outcome.retry_after == (9 if status in {429, 500, 503} else None)


def test_a_signature_is_made_once_for_each_push_service():
    signer = Signer(KEYS.public, KEYS.private, "mailto:portal@capital.example")
    first = signer.authorization(MOZILLA)
    assert signer.authorization(MOZILLA) == first
    assert signer.authorization("https://web.push.apple.com") != first


@pytest.mark.parametrize(
    ("public", "private", "subject"),
    [
        (new_keys().public, KEYS.private, "mailto:a@b.example"),
        (KEYS.public, "", "mailto:a@b.example"),
        (KEYS.public, "AAAA", "mailto:a@b.example"),
        (KEYS.public, "é", "mailto:a@b.example"),
        (KEYS.public, "A" * 43, "mailto:a@b.example"),
        (KEYS.public, KEYS.private, "mailto:portal@localhost"),
        (KEYS.public, KEYS.private, "portal@capital.example"),
        (KEYS.public, KEYS.private, ""),
    ],
    # Not by their values: the keys are new in each process, and all must collect the same tests.
    ids=["another_public", "empty", "short", "no_base64", "no_key", "local", "no_mailto", "nobody"],
)
def test_keys_that_could_not_sign_are_refused(public: str, private: str, subject: str):
    with pytest.raises(BadKeys):
        Signer(public, private, subject)


def test_the_configuration_is_checked():
    assert check_config(provider()) == []
    assert check_config(Provider("push", "webpush", {"name": "webpush"})) == [
        "PUSH_WEBPUSH_PUBLIC_KEY is not set.",
        "PUSH_WEBPUSH_PRIVATE_KEY is not set.",
        "PUSH_WEBPUSH_SUBJECT is not set.",
    ]
    assert check_config(provider(public_key=new_keys().public)) == [
        "PUSH_WEBPUSH_PUBLIC_KEY and PUSH_WEBPUSH_PRIVATE_KEY do not belong together."
    ]
    assert check_config(provider(subject="mailto:me@localhost")) == [
        "PUSH_WEBPUSH_SUBJECT is not mailto: and a mail address, or an https address."
    ]
    for hosts in ("*", "10.0.0.1", "https://fcm.googleapis.com", "*.com", "localhost"):
        assert check_config(provider(hosts=hosts)) == [
            "PUSH_WEBPUSH_HOSTS lists something that is not a name of push services."
        ]


def test_the_command_prints_keys_that_work():
    out = StringIO()
    call_command("make_push_keys", stdout=out)
    printed = dict(line.split("=", 1) for line in out.getvalue().split())
    assert printed["PUSH_PROVIDERS"] == "webpush"
    public, private = printed["PUSH_WEBPUSH_PUBLIC_KEY"], printed["PUSH_WEBPUSH_PRIVATE_KEY"]
    assert check_config(provider(public_key=public, private_key=private)) == []
