"""What a relative tells us of someone: passed on, and never answered with what is known."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crises.models import Crisis, Submission
from notifications.models import Delivery
from registrations.answers import ContactAnswer
from registrations.models import ContactPoint, Person, PersonKey
from tests.factories.crisis_forms import make_known_crisis, report
from tests.factories.registrations import make_person, make_places, pin_stay, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def crisis() -> Crisis:
    caches["limits"].clear()
    return make_known_crisis()


def reported() -> Person:
    return Person.objects.get(source="relative")


def statements(client: Client, crisis: Crisis, **typed: str) -> tuple[list[str], str, int]:
    """The statements of one report without their values, and where and how it was answered."""
    caches["limits"].clear()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = report(client, crisis, **typed)
    bare = [
        re.sub(r"'[^']*'|\s*-?\b\d+\b|SAVEPOINT \S+", "?", query["sql"])
        for query in captured.captured_queries
    ]
    return bare, response["Location"], response.status_code


class TestReporting:
    def test_it_is_a_report_by_a_relative(self, client, crisis):
        make_places()
        response = report(
            client,
            crisis,
            mail="ana@example.org",
            place="Kathmandu",
            since=(today() - dt.timedelta(days=5)).isoformat(),
            note="Trekking",
        )
        assert response.status_code == 302
        person = reported()
        kept = person.reports.get()
        assert (kept.crisis_id, kept.note) == (crisis.pk, "Trekking")
        assert kept.reporter == {
            "name": "Luz Pérez",
            "contact": "+34911234567",
            "relationship": "madre",
        }
        stay = person.stays.get()
        assert (stay.precision, str(stay.place_id)) == ("place", "1283240")
        assert stay.starts_on == today() - dt.timedelta(days=5)
        point = person.contact_points.get()
        assert point.verified_at is None
        assert not person.consents.exists()
        assert PersonKey.objects.filter(person=person).exists()
        invited = Delivery.objects.get(message__purpose="invitation")
        assert invited.recipient_id == point.pk

    def test_without_a_contact_nobody_is_written_to(self, client, crisis):
        assert report(client, crisis).status_code == 302
        assert not Delivery.objects.filter(message__purpose="invitation").exists()

    def test_over_the_limit_it_is_kept_and_the_invitation_waits(self, client, crisis, settings):
        settings.REGISTRATION_LIMITS = settings.REGISTRATION_LIMITS | {"codes_per_contact_hour": 0}
        assert report(client, crisis, mail="ana@example.org").status_code == 302
        assert reported().contact_points.exists()
        assert not Delivery.objects.filter(message__purpose="invitation").exists()

    def test_two_taps_are_one_report(self, client, crisis):
        assert report(client, crisis)["Location"] == report(client, crisis)["Location"]
        assert Person.objects.filter(source="relative").count() == 1
        assert Submission.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": ""},
            {"own_name": ""},
            {"relationship": ""},
            {"own_mobile": "", "own_mail": ""},
            {"own_mobile": "123"},
            {"since": "2999-01-01"},
        ],
    )
    def test_what_is_wrong_is_said(self, client, crisis, wrong):
        response = report(client, crisis, **wrong)
        assert response.status_code == 422
        assert b"error-summary" in response.content
        assert not Person.objects.filter(source="relative").exists()

    def test_a_day_centuries_ago_means_long_ago(self, client, crisis):
        assert report(client, crisis, since="1901-01-01").status_code == 302
        assert reported().stays.get().starts_on > today() - dt.timedelta(days=400)

    def test_after_the_end_it_leads_elsewhere(self, client, crisis):
        from crises import actions

        actions.close_crisis(crisis=crisis, by=crisis.opened_by)
        response = report(client, crisis)
        assert response.status_code == 410
        assert b'href="tel:+97714411223"' in response.content


class TestNothingIsDisclosed:
    def test_the_same_answer_and_the_same_work_for_known_and_unknown(self, client, crisis):
        make_person(
            name="Ana Pérez",
            contacts=(ContactAnswer("mail", "ana@example.org", verified_at=timezone.now()),),
            stays=(pin_stay(),),
        )
        # The first report of all fills caches that later ones find filled.
        statements(client, crisis, name="Warm Up", mail="warm@example.org", token="0" * 32)
        known = statements(client, crisis, mail="ana@example.org", token="1" * 32)
        unknown = statements(
            client, crisis, name="Ilse Baum", mail="ilse@example.org", token="2" * 32
        )
        assert known == unknown
        assert ContactPoint.objects.filter(person__source="relative").count() == 3

    def test_the_next_page_is_the_same_for_everybody(self, client, crisis):
        address = report(client, crisis)["Location"]
        assert address == reverse("show_reported", args=[crisis.pk])
        shown = client.get(f"{address}?language=en").content.decode()
        assert "We will pass on your message" in shown
        assert 'href="tel:+97714411223"' in shown
        for personal in ("Ana", "Luz", "911234567"):
            assert personal not in shown

    def test_the_relative_s_words_open_for_no_other_person(self, client, crisis):
        report(client, crisis, note="Trekking")
        kept = reported().reports.get()
        assert "Trekking" not in str(vars(kept))
