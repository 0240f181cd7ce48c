"""The privacy notice for everybody, and the record of processing for those who oversee."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import Role
from oversight.privacy_notice import READERS
from tests.factories.accounts import make_user
from tests.factories.crises import make_frozen, make_people, token_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["es", "en", "fr", "ar"])
def test_anybody_reads_the_notice_in_every_language(client, language):
    page = client.get(reverse("read_privacy_notice"), headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'<html lang="{language}"' in text
    for reader in READERS:
        assert f'id="{reader.anchor}"' in text


def test_the_notice_says_what_is_set(client, settings):
    settings.STAY_RETENTION_DAYS = 91
    settings.DPO_CONTACT = "+34 000 111"
    text = client.get(reverse("read_privacy_notice")).content.decode()
    assert "91 days" in text
    assert "+34 000 111" in text


def test_the_notice_leads_to_where_each_right_is_used(client):
    assert reverse("sign_in") in client.get(reverse("read_privacy_notice")).content.decode()


def test_the_notice_of_staff_names_records_and_no_columns(client):
    text = client.get(reverse("read_privacy_notice")).content.decode()
    staff = text[text.index('id="staff"') : text.index('id="consents"')]
    assert "Notices" in staff
    assert "messages foreseen" not in staff


@pytest.mark.parametrize("name", ["start", "sign_in"])
def test_the_notice_is_one_tap_away(client, name):
    assert reverse("read_privacy_notice") in client.get(reverse(name)).content.decode()


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR])
def test_those_who_oversee_read_the_record(client, role):
    client.force_login(make_user(role=role))
    page = client.get(reverse("show_processing_record"))
    assert page.status_code == 200
    assert "document number" in page.content.decode()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COORDINATOR, Role.OPERATOR])
def test_nobody_else_does(client, role):
    client.force_login(make_user(role=role))
    assert client.get(reverse("show_processing_record")).status_code == 403
    client.logout()
    assert client.get(reverse("show_processing_record")).status_code == 302


def test_the_notice_is_one_tap_away_from_every_link_of_a_message(client):
    person = make_people(1)[0]
    page = client.get(f"/a/{token_of(make_frozen(), person)}/")
    assert reverse("read_privacy_notice") in page.content.decode()
