"""Alarms: whoever reads far more than their work needs is noticed, once and always."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from audit import ledger, sealing
from audit.actors import Actor
from audit.models import Entry
from oversight.actions import AlreadyHandled, handle_alarm, look
from oversight.enums import AlarmKind, AlarmOutcome
from oversight.models import Alarm, LedgerMark
from registrations.models import Person
from tests.factories.accounts import make_officer, make_user
from tests.factories.crises import make_crisis
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings) -> dict[str, int]:
    settings.ALARM_LIMITS = settings.ALARM_LIMITS | {
        "reads_per_hour": 40,
        "reads_per_day": 60,
        "calm_reads_per_day": 1000,
    }
    return settings.ALARM_LIMITS


def read(
    by: Any, people: int | Iterable[uuid.UUID], *, ago: dt.timedelta = dt.timedelta(0), **more: Any
) -> None:
    """Entries of one reading each, so long ago."""
    ids = [uuid.uuid4() for _ in range(people)] if isinstance(people, int) else people
    entries = [
        ledger.record(
            **{"action": "person.read", "by": by, "purpose": "crisis", "subjects": [one]} | more
        )
        for one in ids
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_entry SET at = %s WHERE id = ANY(%s)",
            [timezone.now() - ago, [entry.pk for entry in entries]],
        )


def kinds() -> list[str]:
    return sorted(Alarm.objects.values_list("kind", flat=True))


def test_an_officer_who_reads_fifty_people_raises_one_alarm_that_grows():
    officer = make_officer()
    read(officer, 40)
    assert look() == 0
    read(officer, 10)
    look()
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.count, alarm.acts) == (AlarmKind.READ_IN_HOUR, 50, 50)
    assert (alarm.actor_id, alarm.actor_post) == (str(officer.pk), officer.post_id)
    for _ in range(5):
        read(officer, 1)
        look()
    assert Alarm.objects.get().count == 55


def test_reading_one_person_often_is_not_reading_many():
    person = uuid.uuid4()
    read(make_officer(), [person] * 80)
    assert look() == 0


def test_fifty_people_in_one_entry_count_as_fifty():
    subjects = [uuid.uuid4() for _ in range(50)]
    by = make_officer()
    ledger.record(action="person.find", by=by, purpose="crisis", subjects=subjects)
    look()
    alarm = Alarm.objects.get()
    assert (alarm.count, alarm.acts) == (50, 1)


def test_a_freeze_of_thousands_is_no_reading():
    ledger.record(
        action="notice.freeze",
        by=make_officer(),
        purpose="crisis",
        subjects=[uuid.uuid4() for _ in range(500)],
    )
    assert look() == 0


def test_searches_that_find_nobody_are_tries():
    officer = make_officer()
    for _ in range(41):
        ledger.record(action="person.find", by=officer, purpose="crisis", details={"found": 0})
    look()
    assert kinds() == [AlarmKind.READ_IN_HOUR]


def test_an_hour_may_begin_at_any_minute():
    officer = make_officer()
    read(officer, 21, ago=dt.timedelta(minutes=59))
    read(officer, 20)
    look()
    assert kinds() == [AlarmKind.READ_IN_HOUR]


def test_a_slow_reader_is_noticed_by_the_day():
    officer = make_officer()
    for hours in (2, 4, 6):
        read(officer, 25, ago=dt.timedelta(hours=hours))
    look()
    assert kinds() == [AlarmKind.READ_IN_DAY]


def test_others_readings_are_not_added_up():
    for _ in range(3):
        read(make_officer(), 20)
    assert look() == 0


def test_what_people_read_of_their_own_is_not_counted():
    for _ in range(60):
        person = uuid.uuid4()
        read(Actor.traveller(person), [person])
    assert look() == 0


def test_nothing_is_missed_while_nobody_looked(monkeypatch):
    monkeypatch.setattr("oversight.actions.watching.SLICE", 2)
    officer = make_officer()
    for minutes in range(60, 0, -6):
        read(officer, 6, ago=dt.timedelta(hours=5, minutes=minutes))
        sealing.seal_waiting()
    look()
    assert Alarm.objects.get().count == 60
    assert LedgerMark.objects.get().position == 10


def test_what_was_looked_into_counts_no_more_and_what_comes_after_does(limits):
    limits["reads_per_day"] = 1000
    officer, dpo = make_officer(), make_user(Role.DATA_PROTECTION_OFFICER)
    read(officer, 45)
    look()
    handle_alarm(alarm=Alarm.objects.get(), outcome=AlarmOutcome.EXPLAINED, finding="Asked", by=dpo)
    read(officer, 10)
    look()
    assert Alarm.objects.count() == 1
    read(officer, 35)
    look()
    assert list(Alarm.objects.waiting().values_list("count", flat=True)) == [45]


def test_an_alarm_is_looked_into_once_and_the_ledger_says_by_whom():
    read(make_officer(), 50)
    look()
    alarm, dpo = Alarm.objects.get(), make_user(Role.DATA_PROTECTION_OFFICER)
    handle_alarm(alarm=alarm, outcome=AlarmOutcome.BREACH, finding="Sold them", by=dpo)
    with pytest.raises(AlreadyHandled):
        handle_alarm(alarm=alarm, outcome=AlarmOutcome.EXPLAINED, finding="No", by=dpo)
    assert Alarm.objects.get().finding == "Sold them"
    entry = Entry.objects.get(action="alarm.handle")
    assert entry.actor_id == str(dpo.pk)
    assert "Sold" not in str(entry.details)
    with connection.cursor() as cursor:
        cursor.execute("SELECT finding FROM oversight_alarm")
        assert b"Sold" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("registration.export", AlarmKind.EXPORTED),
        ("notice.break_glass", AlarmKind.APPROVED_ALONE),
    ],
)
def test_one_is_enough(action, kind):
    ledger.record(action=action, by=make_officer(), purpose="crisis")
    look()
    assert kinds() == [kind]


def test_the_export_of_everybody_is_one_act():
    ledger.record_bulk(
        action="registration.export",
        by=Actor.system("operator"),
        purpose="maintenance",
        subject_query=Person.objects.values("pk"),
    )
    look()
    assert (Alarm.objects.get().kind, Alarm.objects.get().count) == (AlarmKind.EXPORTED, 1)


def test_comparing_has_a_limit_of_its_own(limits):
    limits["comparisons_per_day"] = 10
    read(make_officer(), 12, details={"page": "duplicates"})
    look()
    assert kinds() == [AlarmKind.COMPARED]


def preview(officer: User, people: int, digest: str) -> None:
    details = {"people": people, "digest": digest}
    ledger.record(action="audience.preview", by=officer, purpose="crisis", details=details)


def test_counting_small_areas_to_find_one_is_noticed():
    officer = make_officer()
    for number in range(20):
        preview(officer, 5000, f"{number:032x}")  # Large ones are the work.
        preview(officer, 3, f"{1:032x}")  # And looking at the same area again.
    assert look() == 0
    for number in range(6):
        preview(officer, number % 3, f"{number:032x}")
    look()
    assert kinds() == [AlarmKind.COUNTED_SMALL]


def test_reading_outside_a_crisis_has_a_lower_limit(limits):
    limits["calm_reads_per_day"] = 5
    make_places()
    officer = make_officer()
    read(officer, 6, ago=dt.timedelta(hours=2))
    make_crisis(officer)
    read(officer, 10)
    look()
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.count) == (AlarmKind.READ_IN_CALM, 6)


def test_a_crisis_elsewhere_and_a_drill_excuse_nothing(limits):
    limits["calm_reads_per_day"] = 5
    make_places()
    officer = make_officer()
    elsewhere, drill = make_crisis(officer), make_crisis(officer)
    elsewhere.countries, drill.is_drill = ["CL"], True
    elsewhere.save()
    drill.save()
    read(officer, 6)
    look()
    assert kinds() == [AlarmKind.READ_IN_CALM]


@pytest.mark.django_db(transaction=True)
def test_a_reading_that_commits_late_is_counted_late_and_never_missed():
    officer = make_officer()
    written, looked = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def slow() -> None:
        try:
            with transaction.atomic():
                read(officer, 30, ago=dt.timedelta(minutes=30))
                written.set()
                assert looked.wait(20)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    read(officer, 20)
    assert look() == 0
    looked.set()
    thread.join(30)
    assert failures == []
    look()
    assert Alarm.objects.get().count == 50


@pytest.mark.django_db(transaction=True)
def test_lookers_side_by_side_raise_one_alarm():
    read(make_officer(), 50)
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            look()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert Alarm.objects.count() == 1
