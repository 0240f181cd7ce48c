"""Each kind of erasure and withdrawal, done, undone as by a restored backup, and done again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from celery import shared_task
from django.db import transaction

from accounts.actions import (
    change_password,
    deactivate_user,
    note_second_factor_removed,
    reset_second_factor,
)
from accounts.models import User
from audit.actors import Actor
from audit.journal import standing
from audit.journal.lines import GENESIS, Line
from audit.journal.models import JournalEntry
from audit.journal.replayers import replayer_of, replaying
from crises import actions as crisis_actions
from crises.models import Stopped
from notifications import engine
from notifications.engine import claims
from notifications.ports import Withheld
from partners.actions import deactivate_agency
from partners.models import Agency
from registrations import actions
from registrations.actions.unproved import disown_address
from registrations.enums import ConsentPurpose, Source
from registrations.models import (
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Group,
    Invitation,
    Person,
    Stay,
)
from registrations.sources import open_contacts, open_unproved
from tests.factories.accounts import make_officer
from tests.factories.crises import make_crisis
from tests.factories.groups import make_group
from tests.factories.partners import make_agency
from tests.factories.registrations import (
    country_stay,
    make_answers,
    make_person,
    make_places,
    pin_stay,
)
from tests.factories.reports import mail

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def after_restore(act: Callable[[], Any]) -> list[bool]:
    """Act, set the database back to before, and replay what was journalled. Twice: the second
    time finds nothing to do."""
    before = transaction.savepoint()
    act()
    lines = [Line.after(0, GENESIS, entry) for entry in JournalEntry.objects.order_by("at")]
    transaction.savepoint_rollback(before)
    assert lines
    with replaying():
        done = [_replay(line) for line in lines]
        assert [_replay(line) for line in lines] == [False] * len(lines)
    assert not JournalEntry.objects.exists()
    return done


def _replay(line: Line) -> bool:
    replayer = replayer_of(line.kind)
    assert replayer is not None
    return replayer(line)


def test_a_person():
    person = make_person()
    after_restore(lambda: actions.erase_person(person_id=person.pk, by=BY))
    assert not Person.objects.exists()


def test_whoever_was_merged_since_and_erased_then():
    kept, shell = make_person(), make_person()

    def act() -> None:
        Person.objects.filter(pk=shell.pk).update(merged_into=kept.pk)
        actions.erase_person(person_id=kept.pk, by=BY)

    after_restore(act)
    assert not Person.objects.exists()


def test_a_stay():
    person = make_person(stays=(pin_stay(), country_stay()))
    gone, kept = person.stays.order_by("pk")
    after_restore(lambda: actions.remove_stay(person_id=person.pk, stay_id=gone.pk, by=BY))
    assert list(Stay.objects.values_list("pk", flat=True)) == [kept.pk]


def test_a_contact_point():
    person = make_person(contacts=(mail("one@example.org"), mail("two@example.org")))
    gone, kept = person.contact_points.order_by("pk")
    after_restore(lambda: actions.remove_contact(person_id=person.pk, contact_id=gone.pk, by=BY))
    assert list(ContactPoint.objects.values_list("pk", flat=True)) == [kept.pk]


def test_a_family_contact():
    person = make_person()
    contact = person.family_contacts.get()
    after_restore(
        lambda: actions.remove_family_contact(person_id=person.pk, contact_id=contact.pk, by=BY)
    )
    assert not FamilyContact.objects.exists()


def test_a_family_contacts_objection():
    contact = make_person().family_contacts.get()
    after_restore(lambda: actions.object_to_listing(contact_id=contact.pk, by=BY))
    contact = FamilyContact.objects.get()
    assert contact.objected_at
    assert contact.name is None
    assert contact.phone is None


def test_facts_and_needs():
    person = make_person(
        document_number="X123", needs="wheelchair", consents=frozenset({"crisis_contact", "needs"})
    )

    def act() -> None:
        actions.change_needs(person_id=person.pk, needs="", by=BY)

    after_restore(act)
    person = Person.objects.get()
    assert person.needs is None
    assert person.document_number == "X123"


def test_a_consent_with_what_rested_on_it():
    person = make_person(needs="wheelchair", consents=frozenset({"crisis_contact", "needs"}))
    after_restore(
        lambda: actions.withdraw_consent(person_id=person.pk, purpose=ConsentPurpose.NEEDS, by=BY)
    )
    assert Person.objects.get().needs is None
    standing_consents = Consent.objects.filter(withdrawn_at=None)
    assert list(standing_consents.values_list("purpose", flat=True)) == ["crisis_contact"]


def test_reminders():
    person = make_person()
    after_restore(lambda: actions.stop_reminders(person_id=person.pk, by=BY))
    assert Person.objects.get().reminders_stopped_at
    after_restore(lambda: actions.resume_reminders(person_id=person.pk, by=BY))
    assert Person.objects.get().reminders_stopped_at is None


def test_a_focal_point():
    person = make_person()
    place = next(iter(make_places().values()))
    actions.agree_to_relay(person_id=person.pk, place=place, community="", by=BY)
    after_restore(lambda: actions.stop_relaying(person_id=person.pk, by=BY))
    assert not FocalPoint.objects.exists()


def test_a_refused_report():
    reported = actions.report_person(
        source=Source.GROUP,
        name="Ana Pérez",
        language="es",
        contacts=[mail("ana@example.org", proved=False)],
        stays=[pin_stay()],
        by=BY,
        group=make_group(),
    )
    point = reported.contact_points.first()
    assert point is not None
    invitations = list(point.invitations.values_list("pk", flat=True))
    assert invitations
    after_restore(lambda: actions.refuse_report(contact_point_id=point.pk, by=BY))
    assert not Person.objects.exists()
    refused = Invitation.objects.filter(pk__in=invitations, refused_at__isnull=False)
    assert refused.count() == len(invitations)


def test_a_group():
    group = make_group()
    version = group.link_version
    after_restore_once(lambda: actions.close_group(group_id=group.pk, by=BY))
    assert Group.objects.get().link_version > version


def after_restore_once(act: Callable[[], Any]) -> None:
    before = transaction.savepoint()
    act()
    lines = [Line.after(0, GENESIS, entry) for entry in JournalEntry.objects.all()]
    transaction.savepoint_rollback(before)
    with replaying():
        assert [_replay(line) for line in lines] == [True] * len(lines)


def test_leaving_a_group():
    group = make_group()
    person = actions.register(answers=make_answers(group_id=str(group.pk)), by=BY)
    after_restore(lambda: actions.leave_group(person_id=person.pk, by=BY))
    assert Person.objects.get().group_id is None


def test_a_stop_of_one_crisis():
    crisis, person = make_crisis(), make_person()
    after_restore(lambda: crisis_actions.stop_for_person(crisis=crisis, person_id=person.pk, by=BY))
    assert Stopped.objects.filter(crisis=crisis, person_id=person.pk).exists()


def test_a_user_and_an_agency():
    user = make_officer()
    agency, _secret = make_agency()
    after_restore(lambda: deactivate_user(user=user, by=BY))
    assert not User.objects.get(pk=user.pk).is_active
    after_restore(lambda: deactivate_agency(agency=agency, by=BY))
    assert not Agency.objects.get().is_active


def test_a_password_and_a_second_factor_that_were_given_up_since():
    user = make_officer()
    after_restore(
        lambda: change_password(user=user, password="another lantern over water", by=user)
    )
    user = User.objects.get(pk=user.pk)
    assert not user.has_usable_password()
    factors = Authenticator.objects.filter(user_id=user.pk)
    after_restore(lambda: reset_second_factor(user=user, by=BY))
    assert not factors.exists()


def test_a_second_factor_of_one_kind():
    user = make_officer()
    factors = Authenticator.objects.filter(user_id=user.pk)
    passkey = Authenticator.objects.create(user_id=user.pk, type="webauthn", data={})

    def act() -> None:
        passkey.delete()
        note_second_factor_removed(user=user, kind="webauthn", keep=None)

    after_restore(act)
    assert list(factors.values_list("type", flat=True)) == ["totp"]


@shared_task(name="tests.guarded")
def _task() -> str:
    return "ran"


def test_no_task_and_no_letter_leaves_a_closed_portal(monkeypatch):
    assert _task() == "ran"
    standing.assume(standing.Standing(closed="behind"))
    assert _task() is None

    def claim(owner: str) -> list[Any]:
        raise AssertionError("claimed")

    monkeypatch.setattr(claims, "claim", claim)
    assert engine.drain() == 0


def test_an_only_address_that_was_replaced_still_takes_a_warning_of_mortal_danger():
    person = make_person(contacts=(mail("old@example.org"),))
    old = person.contact_points.get()

    def act() -> None:
        new = mail("new@example.org")
        ContactPoint.objects.create(
            person=person,
            channel=new.channel,
            address=new.address,
            address_index=bytes(32),
            verified_at=old.verified_at,
        )
        actions.remove_contact(person_id=person.pk, contact_id=old.pk, by=BY)

    after_restore(act)
    # Nobody signs in by it, and no ordinary notice goes there.
    kept = ContactPoint.objects.get()
    assert (kept.pk, kept.verified_at, kept.replaced_at) == (old.pk, None, None)
    assert open_contacts([old.pk], "crisis") == {old.pk: Withheld("unproved")}
    assert open_unproved([old.pk])[old.pk].address == "old@example.org"


def test_an_address_that_its_reader_disowned_goes_even_if_it_was_the_only_one():
    person = make_person(contacts=(mail("other@example.org"),))
    Person.objects.filter(pk=person.pk).update(source=Source.CRISIS)
    ContactPoint.objects.update(verified_at=None)
    point = person.contact_points.get()
    after_restore(lambda: disown_address(contact_point_id=point.pk, person_id=person.pk, by=BY))
    assert not ContactPoint.objects.exists()


@pytest.mark.parametrize("is_kept", [True, False])
def test_whoever_was_parted_since_stays_when_the_other_is_erased(is_kept):
    kept, absorbed = make_person(), make_person()
    merge = actions.merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=BY)
    erased, other = (kept, absorbed) if is_kept else (absorbed, kept)

    def act() -> None:
        actions.undo_merge(merge_id=merge.pk, by=BY)
        actions.erase_person(person_id=erased.pk, by=BY)

    after_restore(act)
    assert Person.objects.get().pk == other.pk
    assert Stay.objects.get().person_id == other.pk
    assert open_contacts(list(ContactPoint.objects.values_list("pk", flat=True)), "crisis")


def test_whoever_was_one_person_is_erased_as_one():
    first, second, third = make_person(), make_person(), make_person()
    actions.merge_people(kept_id=second.pk, absorbed_id=first.pk, by=BY)
    actions.merge_people(kept_id=third.pk, absorbed_id=second.pk, by=BY)
    before = transaction.savepoint()
    actions.erase_person(person_id=first.pk, by=BY)
    lines = [Line.after(0, GENESIS, entry) for entry in JournalEntry.objects.order_by("at")]
    transaction.savepoint_rollback(before)
    with replaying():
        assert [_replay(line) for line in lines] == [True] * 3
    assert not Person.objects.exists()
    assert not ContactPoint.objects.exists()
    assert not Stay.objects.exists()
