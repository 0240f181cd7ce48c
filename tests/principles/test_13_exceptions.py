"""13. Exceptions.

An exception is allowed where a life depends on it, and then it is narrow, decided by somebody who
answers for it, written down, told to whom it touches, and over by itself. A request for help
outlives the erasure of whoever made it, until the crisis is purged; people who never agreed are
warned only in mortal danger, by the decision of another than the author.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Entry
from crises import actions as crisis_actions
from crises.enums import NoticeState, ReadingReason, Severity, Urgency
from crises.models import Answer, Crisis, Notice
from micic_portal.celery import app as portal
from notifications.models import Delivery
from registrations.models import Person
from tests.factories.crises import (
    make_crisis,
    make_frozen,
    make_people,
    make_submitted,
    second_officer,
    token_of,
)
from tests.factories.crisis_pages import signed_in
from tests.factories.reports import make_report
from tests.factories.visits import shown, visit_of
from tests.principles.stored import tables_that_say

pytestmark = pytest.mark.django_db


class TestARequestForHelp:
    @pytest.mark.django_db(transaction=True)
    def test_outlives_an_erasure_until_the_purge_and_says_so(self, client: Client):
        cache.clear()
        person = make_people(1, name="Quirina Zorrilla")[0]
        notice = make_frozen()
        crisis = notice.crisis
        client.post(f"/a/{token_of(notice, person)}/", {"choice": "need_help"})
        assert Answer.objects.get().person_id == person.pk
        visit = visit_of(person)
        before = shown(visit, "erase_registration")
        after = visit.post(
            reverse("erase_registration"), {"whereabouts": "Roof of the school", "contact": ""}
        ).content.decode()
        for page in (before, after):
            assert crisis.title in page
            assert "90 days after the crisis is closed" in page
        # Help still knows where to go, and nobody knows whose request it was.
        room = signed_in(notice.author)
        kept = Answer.objects.get()
        reason = {"reason": ReadingReason.ASKED_FOR_HELP.value}
        record = room.post(reverse("read_person", args=[crisis.pk, kept.person_id]), reason)
        assert "Roof of the school" in record.content.decode()
        assert "Quirina" not in record.content.decode()
        assert tables_that_say([person.pk]) == {}
        assert Entry.objects.get(action="registration.erase").details["kept"] == {"help_request": 1}
        crisis_actions.close_crisis(crisis=crisis, by=notice.author)
        crisis.refresh_from_db()
        today = timezone.now().date()
        assert crisis.purge_on == today + dt.timedelta(days=90), "as the page promised"
        Crisis.objects.filter(pk=crisis.pk).update(purge_on=today)
        portal.loader.import_default_modules()
        portal.tasks["registrations.tasks.run_retention"].apply().get()
        assert not Answer.objects.exists()

    def test_nothing_stays_of_whoever_asked_for_nothing(self, client: Client):
        person = make_people(1)[0]
        notice = make_frozen()
        client.post(f"/a/{token_of(notice, person)}/", {"choice": "safe"})
        page = visit_of(person).post(reverse("erase_registration"), follow=True)
        assert "Your registration is erased." in page.content.decode()
        assert not Answer.objects.exists()


class TestWhoNeverAgreed:
    """A relative has told us of somebody in the area: they have agreed to nothing."""

    @pytest.fixture(autouse=True)
    def reported(self) -> Person:
        cache.clear()
        make_people(1)
        return make_report()

    @pytest.mark.parametrize(
        "facts", [{"urgency": Urgency.EXPECTED}, {"severity": Severity.MODERATE}]
    )
    def test_is_not_written_to_where_no_life_is_in_danger(self, facts, reported):
        notice = make_submitted(**facts)
        address = reverse("approve_notice", args=[notice.pk])
        signed_in(second_officer(notice)).post(address, {"vital_interest": "on"})
        notice.refresh_from_db()
        assert notice.state == NoticeState.SUBMITTED
        crisis_actions.freeze_notice(notice.pk)
        assert not Delivery.objects.for_subjects([reported.pk]).exists()
        # Nor by whoever writes to the database.
        with pytest.raises(IntegrityError, match="vital_interest_only"), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(
                vital_interest=True,
                approver=second_officer(notice),
                approved_at=timezone.now(),
                state=NoticeState.APPROVED,
            )

    @pytest.mark.parametrize("severity", [Severity.SEVERE, Severity.EXTREME])
    def test_is_warned_in_mortal_danger_by_another_than_the_author(self, severity, reported):
        notice = make_submitted(make_crisis(), urgency=Urgency.IMMEDIATE, severity=severity)
        address = reverse("approve_notice", args=[notice.pk])
        signed_in(notice.author).post(address, {"vital_interest": "on"})
        notice.refresh_from_db()
        assert (notice.state, notice.vital_interest) == (NoticeState.SUBMITTED, False)
        approver = second_officer(notice)
        signed_in(approver).post(address, {"vital_interest": "on"})
        crisis_actions.freeze_notice(notice.pk)
        assert Delivery.objects.for_subjects([reported.pk]).count() == 1
        entry = Entry.objects.get(action="notice.vital_interest")
        assert entry.actor_id == str(approver.pk)
        assert entry.details["basis"] == "vital_interest"

    def test_is_left_out_unless_somebody_decides_it(self, reported):
        notice = make_submitted()
        address = reverse("approve_notice", args=[notice.pk])
        signed_in(second_officer(notice)).post(address)
        crisis_actions.freeze_notice(notice.pk)
        assert Delivery.objects.exists()
        assert not Delivery.objects.for_subjects([reported.pk]).exists()
        assert not Entry.objects.filter(action="notice.vital_interest").exists()
