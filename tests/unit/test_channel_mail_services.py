"""Mail services as the operator describes them, and what each of their answers means."""

from __future__ import annotations

import json
import uuid
from importlib.util import find_spec
from pkgutil import iter_modules

import anymail.backends
import pytest
import requests
from anymail.message import AnymailRecipientStatus, AnymailStatus
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from notifications.channels.mail.services.catalogue import SERVICES
from notifications.channels.mail.services.opening import open_backend, options_for_anymail
from notifications.channels.mail.services.outcomes import failure_of, outcome_of
from notifications.channels.mail.transport import check_config, compose, open_transport
from notifications.channels.ports import BadAddress, Verdict
from notifications.enums import Lane
from notifications.models import MessageText
from notifications.providers import Provider

pytestmark = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailNotSupportedWarning"  # anymail's word on SendGrid
)
NOT_SERVICES = {"base", "base_requests", "console", "test"}
OLD_NAMES = {"sendinblue"}  # Brevo's
URLS = {"api_url": "https://api.example"}


def described(backend: str, **options: str) -> Provider:
    return Provider("mail", "relay", {"shape": "anymail", "backend": backend, **options})


def whole(backend: str) -> dict[str, str]:
    return {**dict.fromkeys(SERVICES[backend].needs, "k"), **URLS}


def test_every_service_of_anymail_is_known():
    modules = {module.name for module in iter_modules(anymail.backends.__path__)}
    assert modules - NOT_SERVICES - OLD_NAMES == SERVICES.keys()


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"amazon_ses"}))
def test_each_can_be_opened_with_what_it_is_said_to_need_and_not_without(name: str):
    assert check_config(described(name, **whole(name))) == []
    for need in SERVICES[name].needs:
        options = {option: value for option, value in whole(name).items() if option != need}
        with pytest.raises(ImproperlyConfigured):
            open_backend(described(name, **options))
        assert check_config(described(name, **options)) == [
            f"MAIL_RELAY_{need.upper()} is not set."
        ]


@pytest.mark.parametrize(
    ("provider", "words"),
    [
        (described("pigeon"), "MAIL_RELAY_BACKEND must be one of amazon_ses, brevo,"),
        (described(""), "MAIL_RELAY_BACKEND must be one of"),
        (described("console"), "MAIL_RELAY_BACKEND must be one of"),
        (described("postmark", server_token="k", sender="nobody"), "_SENDER holds no mail address"),
        (described("postmark", server_token="k", api_url="ftp://x"), "_API_URL must begin with"),
        (described("postmark", server_token="k", webhook_secret="x"), "as user:password"),
        (described("sendgrid", api_key="k", username="u"), "AnymailConfigurationError"),
    ],
)
def test_each_mistake_is_named(provider: Provider, words: str):
    [problem] = check_config(provider)
    assert words in problem


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch):
    missing = {"boto3", "svix"}
    monkeypatch.setattr(
        "notifications.channels.mail.services.opening.find_spec",
        lambda name: None if name in missing else find_spec(name),
    )
    [problem] = check_config(described("amazon_ses", region_name="eu-west-1"))
    assert problem == "amazon_ses needs the Python package boto3."
    [problem] = check_config(described("resend", api_key="k", signing_secret="s"))
    assert "needs the Python package svix; or set MAIL_RELAY_WEBHOOK_SECRET" in problem
    assert check_config(described("resend", api_key="k", webhook_secret="a:b")) == []


def test_a_key_crosses_no_network_in_the_clear_in_production(settings: Settings):
    clear = described("postmark", server_token="k", api_url="http://api.example")
    assert check_config(clear) == []
    settings.PORTAL_MODE = "production"
    assert check_config(clear) == ["MAIL_RELAY_API_URL must begin with https://."]


def test_no_secret_stands_in_what_the_operator_is_told():
    for name in SERVICES:
        keys = dict.fromkeys(SERVICES[name].needs, "a-secret-key")
        assert "a-secret-key" not in " ".join(check_config(described(name, **keys, username="u")))


def test_amazon_is_asked_once_and_not_for_ever():
    client = options_for_anymail(described("amazon_ses", region_name="eu-west-1"))["client_params"]
    assert client["region_name"] == "eu-west-1"
    assert client["config"]["retries"] == {"total_max_attempts": 1}
    assert client["config"]["read_timeout"] > 0


def test_ours_is_not_handed_on_and_words_become_answers():
    options = options_for_anymail(
        described("postmark", server_token="k", per_second="5", use_bulk_api="False", sender="x")
    )
    assert options == {"server_token": "k", "use_bulk_api": False}


def test_what_prints_mails_cannot_be_switched_on():
    backend = open_backend(described("postmark", server_token="k", debug_api_requests="true"))
    assert backend.debug_api_requests is False


def test_only_who_remembers_our_key_gets_a_doubtful_advice_again():
    assert open_transport(described("resend")).resend_in_doubt == frozenset(Lane)
    assert open_transport(described("postmark")).resend_in_doubt == {Lane.CRISIS}


def test_an_address_that_cannot_be_one_recipient_is_refused():
    text = MessageText(language="es", subject="s", body="b")
    composer = compose(text, described("postmark"))
    for address in ("nobody", "a@x.example,b@x.example", "a@x.example\r\nBcc: b@x.example"):
        with pytest.raises(BadAddress):
            composer.fill(uuid.uuid4(), address, {})
    letter = composer.fill(uuid.uuid4(), "secret@bücher.example", {})
    assert letter.address == "secret@xn--bcher-kva.example"
    assert "secret" not in repr(letter)


ADDRESS = "person@example.org"


def response(status: int, answer: object, **headers: str) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    made.headers.update(headers)
    return made


def answered(state: str, made: object, reference: str | None = None) -> AnymailStatus:
    status = AnymailStatus()
    status.esp_response = made
    status.set_recipient_status({ADDRESS: AnymailRecipientStatus(reference, state)})
    return status


@pytest.mark.parametrize(
    ("state", "made", "verdict"),
    [
        ("queued", response(200, {}), Verdict.ACCEPTED),
        ("sent", response(200, {}), Verdict.ACCEPTED),
        ("invalid", response(200, {}), Verdict.FAILED),
        ("rejected", response(200, [{"reject_reason": "hard-bounce"}]), Verdict.FAILED),
        ("rejected", response(200, [{"reject_reason": "unsigned"}]), Verdict.RETRY),
        ("rejected", response(200, [{"reject_reason": "invalid-sender"}]), Verdict.RETRY),
        ("failed", response(200, {"failed_emails": {}}), Verdict.RETRY),
        ("failed", response(400, {"ErrorRelatedTo": ["To[0].Email"]}), Verdict.FAILED),
        ("failed", response(400, {"ErrorRelatedTo": ["From.Email"]}), Verdict.RETRY),
        ("unknown", response(422, {"Message": "?"}), Verdict.RETRY),
        ("unknown", response(200, {}), Verdict.UNCERTAIN),
    ],
)
def test_what_an_answer_means(state: str, made: requests.Response, verdict: Verdict):
    assert outcome_of(answered(state, made), ADDRESS).verdict is verdict


class Raised(Exception):
    def __init__(self, made: object = None) -> None:
        self.response = made


AMAZON = {"ResponseMetadata": {"HTTPStatusCode": 429}, "Error": {"Message": ADDRESS}}


@pytest.mark.parametrize(
    ("made", "verdict", "code"),
    [
        # Mailgun, SendGrid, Brevo, Resend, MailerSend: the recipient.
        (response(400, {"message": "'to' parameter is not valid"}), Verdict.FAILED, "mail_400"),
        (response(400, {"field": "personalizations.0.to.0.email"}), Verdict.FAILED, "mail_400"),
        (response(400, {"message": "email is not valid in to"}), Verdict.FAILED, "mail_400"),
        (response(422, {"message": "Invalid `to` field."}), Verdict.FAILED, "mail_422"),
        (response(422, {"message": "The to.0.email must be valid"}), Verdict.FAILED, "mail_422"),
        (response(400, {"message": f"cannot parse {ADDRESS}"}), Verdict.FAILED, "mail_400"),
        # Us: nobody is given up.
        (response(400, {"message": "Not allowed to send: verify"}), Verdict.RETRY, "mail_refused"),
        (response(400, {"message": "Log in to raise your limit"}), Verdict.RETRY, "mail_refused"),
        (response(422, {"message": "sender is not confirmed"}), Verdict.RETRY, "mail_refused_us_"),
        (response(402, {"message": f"no credit for {ADDRESS}"}), Verdict.RETRY, "mail_refused_us_"),
        (response(403, {"message": f"{ADDRESS} not authorized"}), Verdict.RETRY, "mail_refused_us"),
        # Postal and Mailgun say no with a status that says yes.
        (response(200, {"status": "parameter-error"}), Verdict.RETRY, "mail_refused_us_400"),
        (response(200, {"success": False}), Verdict.RETRY, "mail_refused_us_400"),
        (response(200, b'"Mailgun Magnificent API"'), Verdict.RETRY, "mail_refused_us_400"),
        (response(200, b"<html>"), Verdict.UNCERTAIN, "mail_garbled"),
        # It has had this key before.
        (response(400, {"code": "duplicate_request"}), Verdict.UNCERTAIN, "mail_seen_before"),
        (response(409, {"name": "invalid_idempotent_request"}), Verdict.UNCERTAIN, "mail_seen"),
        (AMAZON, Verdict.RETRY, "mail_429"),
        ({"ResponseMetadata": {"HTTPStatusCode": 400}}, Verdict.RETRY, "mail_refused_us_400"),
    ],
)
def test_what_a_refusal_means(made: object, verdict: Verdict, code: str):
    outcome = failure_of(Raised(made), ADDRESS, may_have_left=True)
    assert outcome.verdict is verdict
    assert outcome.code.startswith(code)
    assert ADDRESS not in repr(outcome)


class EndpointConnectionError(Exception):
    """As Amazon's library names it."""


class ReadTimeoutError(Exception):
    """As Amazon's library names it."""


def test_amazons_library_says_whether_it_could_ask():
    error = Raised()
    error.__cause__ = EndpointConnectionError(ADDRESS)
    assert failure_of(error, ADDRESS, may_have_left=True).code == "mail_unreachable"
    error.__cause__ = ReadTimeoutError(ADDRESS)
    assert failure_of(error, ADDRESS, may_have_left=True).code == "mail_unanswered"


def test_without_an_answer_it_counts_whether_anything_left():
    assert failure_of(Raised(), ADDRESS, may_have_left=True).verdict is Verdict.UNCERTAIN
    assert failure_of(Raised(), ADDRESS, may_have_left=False).verdict is Verdict.RETRY
    timeout = requests.ConnectTimeout(ADDRESS)
    assert failure_of(timeout, ADDRESS, may_have_left=False).code == "mail_unreachable"
