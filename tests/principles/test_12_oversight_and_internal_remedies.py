"""12. Oversight and internal remedies.

Somebody who sees none of the people watches over all who do. Whoever reads far more than their work
needs is noticed by the portal itself, and a named person has to look into it; a past that somebody
rewrote no longer fits; and whoever feels wronged finds on one page whom to complain to.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import User
from audit.models import Entry
from micic_portal.celery import app as portal
from micic_portal.timetable import TIMETABLE
from oversight.enums import AlarmOutcome
from oversight.models import Alarm
from registrations.models import Person
from tests.factories.accounts import make_officer, make_user
from tests.factories.crisis_pages import signed_in
from tests.factories.likenesses import someone

pytestmark = pytest.mark.django_db
READS = 3


@pytest.fixture
def overseer() -> User:
    return make_user(Role.DATA_PROTECTION_OFFICER, name="David Ibarra")


@pytest.fixture(autouse=True)
def limits(settings) -> None:
    cache.clear()
    settings.ALARM_LIMITS = settings.ALARM_LIMITS | {"reads_per_hour": READS}


def run_by_the_clock(name: str) -> None:
    portal.loader.import_default_modules()  # As a worker does when it starts.
    portal.tasks[str(TIMETABLE[name]["task"])].apply().get()


def read_records(officer: User, people: list[Person]) -> None:
    desk = signed_in(officer)
    for person in people:
        address = reverse("read_record", args=[person.pk])
        page = desk.post(address, {"purpose": "assistance"})
        assert person.name in page.content.decode()


def test_who_reads_far_more_than_their_work_needs_is_looked_into(overseer):
    officer = make_officer(name="Officer Quiroga")
    people = [someone() for _ in range(READS + 1)]
    read_records(officer, people[:READS])
    run_by_the_clock("watch-ledger")
    assert mail.outbox == []
    read_records(officer, people[READS:])
    run_by_the_clock("watch-ledger")
    [told] = mail.outbox
    assert told.to == [overseer.email]
    alarm = Alarm.objects.get()
    link = reverse("read_alarm", args=[alarm.pk])
    assert link in told.body
    for secret in ("Quiroga", *(person.name for person in people)):
        assert secret not in f"{told.subject} {told.body}"
    desk = signed_in(overseer)
    page = desk.get(link).content.decode()
    assert "Quiroga" in page, "the one who oversees knows who it was"
    assert not [person.name for person in people if person.name in page]
    finding = {"outcome": AlarmOutcome.values[0], "finding": "Asked the head of the post"}
    desk.post(reverse("handle_alarm", args=[alarm.pk]), finding)
    alarm.refresh_from_db()
    assert alarm.seen_by == overseer
    assert Entry.objects.get(action="alarm.handle").actor_id == str(overseer.pk)


def test_nobody_clears_an_alarm_about_themselves(overseer):
    officer = make_officer()
    read_records(officer, [someone() for _ in range(READS + 1)])
    run_by_the_clock("watch-ledger")
    alarm = Alarm.objects.get()
    finding = {"outcome": AlarmOutcome.values[0], "finding": "Nothing to see"}
    for user in (officer, make_user(Role.COORDINATOR), make_user(Role.OPERATOR)):
        answer = signed_in(user).post(reverse("handle_alarm", args=[alarm.pk]), finding)
        assert answer.status_code == 403
    alarm.refresh_from_db()
    assert alarm.seen_at is None


def test_a_past_that_somebody_rewrote_no_longer_fits(overseer):
    """The owner of the database lays a reading at another officer's door."""
    officer, scapegoat = make_officer(), make_officer()
    read_records(officer, [someone()])
    run_by_the_clock("seal-ledger")
    run_by_the_clock("verify-whole-ledger")
    assert mail.outbox == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET actor_id = %s WHERE action = 'person.read'", [scapegoat.pk]
        )
        assert cursor.rowcount == 1
    run_by_the_clock("verify-whole-ledger")
    assert [told.to for told in mail.outbox] == [[overseer.email]]
    assert "does not hold" in mail.outbox[0].body


def test_whoever_feels_wronged_finds_whom_to_complain_to(client: Client):
    """From the first page, in two steps, without an account."""
    notice = reverse("read_privacy_notice")
    assert notice in client.get("/").content.decode()
    page = client.get(notice, {"language": "en"}).content.decode()
    assert settings.DPO_CONTACT in page
    assert "complain to the data protection authority of your country" in page
