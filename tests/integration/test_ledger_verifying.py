"""The chain is verified by the clock: what is new each hour, the whole each night."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.enums import Role
from audit import sealing
from audit.models import Entry, Seal
from oversight.actions import publish_heads, verify_ledger
from oversight.enums import AlarmKind
from oversight.models import Alarm, OverseerMail, Verification
from tests.factories.accounts import make_user
from tests.factories.oversight import make_entry

pytestmark = pytest.mark.django_db


def run(sql: str, *params: Any) -> None:
    """As the database's owner, whom no privilege binds."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def walked(*, whole: bool) -> Verification:
    """A walk along the ledger that nobody else is on."""
    walk = verify_ledger(whole=whole)
    assert walk is not None
    return walk


def chain(seals: int = 3) -> list[Entry]:
    entries = []
    for _ in range(seals):
        entries.append(make_entry())
        sealing.seal_waiting()
    return entries


def walk(*, whole: bool) -> Verification:
    walked = verify_ledger(whole=whole)
    assert walked is not None
    return walked


def test_a_whole_chain_is_found_whole():
    chain(3)
    found = walk(whole=True)
    assert (found.entries, found.position, found.breaks) == (3, 3, 0)
    noted = Entry.objects.get(action="ledger.verify")
    assert noted.details == {"whole": True, "entries": 3, "seal": 3, "breaks": 0}
    assert not Alarm.objects.exists()


def test_the_hourly_walk_takes_what_is_new():
    chain(3)
    walk(whole=False)
    sealing.seal_waiting()  # What the walk itself wrote.
    chain(2)
    found = walk(whole=False)
    assert (found.entries, found.position) == (3, 6)


def test_an_altered_entry_raises_one_alarm_that_is_mailed():
    make_user(Role.DATA_PROTECTION_OFFICER)
    entry = chain(3)[1]
    run("UPDATE audit_entry SET purpose = 'advice' WHERE id = %s", entry.pk)
    found = walk(whole=True)
    assert found.told == [f"entry {entry.pk} of seal 2 was altered"]
    walk(whole=True)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.count) == (AlarmKind.CHAIN_BROKEN, 1)
    assert OverseerMail.objects.count() == 1


def test_the_hourly_walk_notices_a_past_that_was_chained_anew():
    chain(2)
    walk(whole=False)
    run("UPDATE audit_seal SET digest = sha256(digest) WHERE position = 2")
    assert walked(whole=False).told[0] == "seal 2 is no longer what it was"


def test_the_nightly_walk_notices_heads_that_no_longer_fit():
    chain(2)
    publish_heads(timezone.now() + dt.timedelta(days=1))
    run("UPDATE audit_head SET digest = sha256(digest)")
    (told,) = walked(whole=True).told
    assert "no longer fits" in told


def test_a_walk_that_died_is_gone_on_with_and_forgets_nothing(monkeypatch):
    monkeypatch.setattr("audit.verification._PAGE", 1)
    entries = chain(4)
    run("UPDATE audit_entry SET purpose = 'advice' WHERE id = %s", entries[0].pk)
    real, passed = Seal.objects.count, []

    def die(reached, seal):
        passed.append(seal.position)
        if len(passed) == 3:
            raise SystemExit
        return next_breaks(reached, seal)

    from audit.verification import next_breaks

    with monkeypatch.context() as patch:
        patch.setattr("oversight.actions.verifying.next_breaks", die)
        with pytest.raises(SystemExit):
            walk(whole=True)
    assert real() == 4
    assert verify_ledger(whole=True) is None  # Somebody may still be walking.
    Verification.objects.update(moved_at=timezone.now() - dt.timedelta(minutes=11))
    found = walk(whole=True)
    assert Verification.objects.count() == 1
    assert (found.entries, found.position, found.breaks) == (4, 4, 1)


def test_an_entry_kept_from_the_sealer_is_an_alarm():
    entry = make_entry()
    run("DELETE FROM audit_unsealedentry WHERE entry_id = %s", entry.pk)
    assert walked(whole=False).told == [f"entry {entry.pk} has no seal and waits for none"]
    assert Alarm.objects.get().kind == AlarmKind.CHAIN_BROKEN
