"""Redis is down: officers still sign in, crises are still read and approved, text codes wait."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from crises.enums import NoticeState
from registrations import limits
from registrations.enums import SendProblem
from registrations.validation import MailAddress, PhoneNumber
from tests.factories.accounts import PASSWORD, code, make_officer
from tests.factories.crises import make_frozen, make_people, make_submitted, token_of

pytestmark = pytest.mark.django_db
# Nothing listens on the port of "discard".
NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture
def no_redis(settings):
    settings.CACHES = {
        name: {**given, "LOCATION": NOWHERE} for name, given in settings.CACHES.items()
    }
    yield
    for name in settings.CACHES:
        caches[name].close()


def test_an_officer_signs_in(no_redis):
    officer = make_officer()
    client = Client()
    wrong = client.post(reverse("account_login"), {"login": officer.email, "password": "wrong"})
    assert wrong.status_code == 200
    assert wrong.context["form"].non_field_errors()
    right = client.post(reverse("account_login"), {"login": officer.email, "password": PASSWORD})
    assert right["Location"] == reverse("mfa_authenticate")
    assert client.post(right["Location"], {"code": code()}).status_code == 302
    assert client.get(reverse("list_crises")).status_code == 200


def test_a_notice_is_approved_and_an_answer_taken(no_redis):
    person = make_people(1)[0]
    notice = make_submitted()
    client = Client()
    client.force_login(make_officer(post=notice.author.post))
    assert client.post(reverse("approve_notice", args=[notice.pk])).status_code == 302
    notice.refresh_from_db()
    assert notice.state == NoticeState.APPROVED
    sent = make_frozen()
    answered = Client().post(f"/a/{token_of(sent, person)}/", {"choice": "safe"})
    assert answered.status_code == 302


def test_mail_codes_go_on_and_text_codes_that_cost_wait(no_redis):
    mail = limits.take_send(MailAddress("ana@example.org"), draft="d", network="192.0.2.0/24")
    text = limits.take_send(PhoneNumber("+34600000000"), draft="d", network="192.0.2.0/24")
    assert mail is None
    assert text == SendProblem.BUDGET


def test_an_agency_s_program_is_answered(no_redis):
    response = Client().post(reverse("issue_token"), {"grant_type": "client_credentials"})
    assert response.status_code in (400, 401)
