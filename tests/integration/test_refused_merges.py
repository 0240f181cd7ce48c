"""Merges that are not made, and what the person's last word decides."""

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection

from audit.actors import Actor
from registrations import actions
from registrations.actions import MergeRefused, merge_people, undo_merge
from registrations.enums import ConsentPurpose
from registrations.models import (
    Person,
)
from registrations.people_standing import standing
from tests.factories.registrations import (
    make_person,
)
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db

OFFICER = Actor.system("tests")


def test_the_later_withdrawal_is_the_persons_last_word() -> None:
    kept, absorbed = make_person(), make_person()
    actions.withdraw_consent(
        person_id=absorbed.pk, purpose=ConsentPurpose.CRISIS_CONTACT, by=OFFICER
    )
    with pytest.raises(MergeRefused, match="Contact me in a crisis"):
        merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert standing(absorbed.pk) == absorbed.pk
    # The other way round, nothing is sent to somebody who asked for silence.
    merge_people(kept_id=absorbed.pk, absorbed_id=kept.pk, by=OFFICER)
    standing_now = Person.objects.with_consent(ConsentPurpose.CRISIS_CONTACT)
    assert not standing_now.filter(pk=absorbed.pk).exists()


def test_a_withdrawal_followed_by_a_new_consent_is_no_obstacle() -> None:
    absorbed = make_person()
    actions.withdraw_consent(
        person_id=absorbed.pk, purpose=ConsentPurpose.CRISIS_CONTACT, by=OFFICER
    )
    kept = make_person()
    merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert standing(absorbed.pk) == kept.pk


def test_a_persons_own_registration_never_goes_into_what_others_say() -> None:
    own, report = make_person(), make_report()
    with pytest.raises(MergeRefused, match="Keep the one that the person made"):
        merge_people(kept_id=report.pk, absorbed_id=own.pk, by=OFFICER)


def test_with_oneself_with_a_shell_and_in_a_circle_is_refused() -> None:
    one, two, three = make_person(), make_person(), make_person()
    with pytest.raises(MergeRefused, match="one registration"):
        merge_people(kept_id=one.pk, absorbed_id=one.pk, by=OFFICER)
    merge_people(kept_id=one.pk, absorbed_id=two.pk, by=OFFICER)
    for kept, absorbed in ((two, one), (two, three), (three, two), (one, two)):
        with pytest.raises(MergeRefused, match="merged already"):
            merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    with pytest.raises(Person.DoesNotExist):
        merge_people(kept_id=one.pk, absorbed_id=uuid4(), by=OFFICER)


def test_a_merge_is_undone_once() -> None:
    one, two = make_person(), make_person()
    merge = merge_people(kept_id=one.pk, absorbed_id=two.pk, by=OFFICER)
    undo_merge(merge_id=merge.pk, by=OFFICER)
    with pytest.raises(MergeRefused, match="already"):
        undo_merge(merge_id=merge.pk, by=OFFICER)


def test_two_found_to_be_different_are_not_merged_until_that_is_taken_back() -> None:
    one, two = make_person(), make_person()
    verdict = actions.part_people(first_id=two.pk, second_id=one.pk, by=OFFICER)
    assert actions.part_people(first_id=one.pk, second_id=two.pk, by=OFFICER) == verdict
    with pytest.raises(MergeRefused, match="different people"):
        merge_people(kept_id=one.pk, absorbed_id=two.pk, by=OFFICER)
    actions.take_back_verdict(verdict_id=verdict.pk, by=OFFICER)
    merge_people(kept_id=one.pk, absorbed_id=two.pk, by=OFFICER)
    with pytest.raises(MergeRefused, match="merged already"):
        actions.part_people(first_id=one.pk, second_id=two.pk, by=OFFICER)


@pytest.mark.django_db(transaction=True)
def test_two_officers_merging_the_same_two_the_other_way_round() -> None:
    one, two = make_person(), make_person()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def run(kept: UUID, absorbed: UUID) -> None:
        start.wait()
        try:
            merge_people(kept_id=kept, absorbed_id=absorbed, by=OFFICER)
            outcomes.append("merged")
        except MergeRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair) for pair in ((one.pk, two.pk), (two.pk, one.pk))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["merged", "refused"]
    assert Person.objects.filter(merged_into=None).count() == 1
