"""Erasing while the engine sends, while the person saves, and while an officer merges."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from audit.actors import Actor
from notifications.channels.ports import Outcome, Verdict
from notifications.engine import claims
from notifications.engine.draining import result_of
from notifications.enums import DeliveryState
from notifications.models import Delivery
from registrations import actions
from registrations.actions import MergeRefused
from registrations.models import Person
from registrations.proof.needles import Needles
from registrations.proof.tables import search_tables
from tests.factories.crises import make_frozen, make_people
from tests.factories.deliveries import with_providers
from tests.factories.registrations import make_person, pin_stay

pytestmark = pytest.mark.django_db(transaction=True)
BY = Actor.system("tests")


def left_of(*people: UUID) -> list[str]:
    needles = Needles(identifiers=frozenset(people))
    return [
        str(one)
        for one in search_tables(needles, using="default", advance=lambda _table: None)
        if one.where != "audit_journalentry"
    ]


def in_thread(act: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:  # Handed to the test.
            raised.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def test_what_a_worker_has_claimed_is_not_sent():
    gone, stays = make_people(2)
    make_frozen()
    rows = claims.claim("worker")
    theirs = {row.pk for row in rows if row.subject_id == gone.pk}
    assert theirs
    actions.erase_on_request(person_id=gone.pk, by=BY)
    begun = claims.begin("worker", with_providers(rows))
    assert begun.keys() == {row.pk for row in rows if row.subject_id == stays.pk}
    assert not left_of(gone.pk, *theirs)


def test_what_is_being_sent_comes_back_to_nobody():
    gone = make_people(1)[0]
    make_frozen()
    rows = claims.claim("worker")
    attempts = claims.begin("worker", with_providers(rows))
    actions.erase_on_request(person_id=gone.pk, by=BY)
    accepted = Outcome(Verdict.ACCEPTED, reference="provider-77")
    results = [result_of(row, attempts[row.pk], accepted) for row in rows]
    assert claims.write_back("worker", results) == 0
    assert set(Delivery.objects.values_list("state", "due_at", "provider_reference")) == {
        (DeliveryState.UNCERTAIN, None, "")
    }
    assert not left_of(gone.pk, *(row.pk for row in rows))


def test_a_worker_that_is_about_to_begin_waits_and_sends_nothing():
    gone = make_people(1)[0]
    make_frozen()
    rows = with_providers(claims.claim("worker"))
    begun: list[dict[UUID, int]] = []
    with transaction.atomic():
        actions.erase_on_request(person_id=gone.pk, by=BY)
        thread, raised = in_thread(lambda: begun.append(claims.begin("worker", rows)))
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the rows"
    thread.join(10)
    assert (begun, raised) == ([{}], [])


def test_what_is_saved_meanwhile_finds_nobody():
    gone = make_person()
    with transaction.atomic():
        actions.erase_on_request(person_id=gone.pk, by=BY)
        thread, raised = in_thread(
            lambda: actions.add_stay(person_id=gone.pk, stay=pin_stay(), by=BY)
        )
        thread.join(0.5)
        assert thread.is_alive(), "it waits for the person"
    thread.join(10)
    assert [type(error) for error in raised] == [Person.DoesNotExist]
    assert not left_of(gone.pk)


@pytest.mark.parametrize("round_", range(4))
def test_merged_meanwhile_they_go_together_or_apart(round_):
    kept, absorbed = sorted([make_person(), make_person()], key=lambda one: one.pk)
    if round_ % 2:
        kept, absorbed = absorbed, kept
    start = threading.Barrier(2)

    def merge() -> None:
        start.wait()
        actions.merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=BY)

    def erase() -> None:
        start.wait()
        assert actions.erase_on_request(person_id=absorbed.pk, by=BY)

    merging, refused = in_thread(merge)
    erasing, failed = in_thread(erase)
    merging.join(20)
    erasing.join(20)
    assert not failed
    assert all(isinstance(one, Person.DoesNotExist | MergeRefused) for one in refused)
    # Merged first, both are one person, who asked to be erased.
    gone = {absorbed.pk} if refused else {absorbed.pk, kept.pk}
    assert not Person.objects.filter(pk__in=gone).exists()
    assert Person.objects.count() == 2 - len(gone)
    assert not left_of(*gone)
