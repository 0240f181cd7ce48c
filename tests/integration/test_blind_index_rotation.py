"""Rotating the secret of the blind indexes: nobody is lost sight of before, meanwhile or after."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.actors import Actor
from notifications.enums import Channel
from privacy.blind_index import blind_index, blind_indexes
from privacy.declarations import our_models
from privacy.index_ring import index_ring, mark_of
from privacy.index_sources import unbound_indexes
from registrations import actions
from registrations.actions.reporting import has_refused
from registrations.actions.signing_in import people_proved_by
from registrations.answers import ContactAnswer, FamilyAnswer
from registrations.contacts import index_of, indexes_of
from registrations.duplicates import candidates
from registrations.enums import Source
from registrations.family import has_objected
from registrations.models import (
    ContactPoint,
    Draft,
    FamilyContact,
    Invitation,
    Person,
    PersonKey,
)
from registrations.validation import MailAddress
from tests.factories.accounts import make_coordinator
from tests.factories.groups import make_group
from tests.factories.registrations import make_answers, make_person, pin_stay

pytestmark = pytest.mark.django_db
BY = Actor.system("test")
FIRST = "first secret of the blind indexes; of enough characters"
SECOND = "b:second secret of the blind indexes; long enough"
THIRD = "c:third secret of the blind indexes; long enough"
ANA = MailAddress("ana@example.org")


@pytest.fixture(autouse=True)
def _first(settings: Any) -> None:
    settings.BLIND_INDEX_KEY = FIRST


def rotate(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rotate_blind_indexes", *arguments, stdout=out, stderr=out, verbosity=0)
    return out.getvalue()


def proved(address: str) -> tuple[ContactAnswer, ...]:
    return (ContactAnswer("mail", address, verified_at=timezone.now()),)


def who_signs_in(address: str = "ana@example.org") -> list[Any]:
    draft = Draft.objects.create(answers=make_answers(contacts=proved(address)).to_json())
    return people_proved_by(draft.pk)


def steps(settings: Any) -> Any:
    """Before a new secret, with it in front, after the rotation, and without the former one."""
    yield "before"
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    yield "meanwhile"
    rotate()
    yield "rotated"
    settings.BLIND_INDEX_KEY = SECOND
    yield "after"


def test_whoever_registered_signs_in_by_their_address_at_every_step(settings):
    ana = make_person()
    for step in steps(settings):
        assert who_signs_in() == [ana.pk], step
        assert who_signs_in("eva@example.org") == [], step


def test_whoever_registers_meanwhile_is_found_too(settings):
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    ana = make_person()
    assert who_signs_in() == [ana.pk]
    rotate()
    settings.BLIND_INDEX_KEY = SECOND
    assert who_signs_in() == [ana.pk]


def test_an_address_is_never_kept_twice_for_one_person(settings):
    ana = make_person()
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    draft = Draft.objects.create(answers=make_answers().to_json())
    actions.take_proved_contact(person_id=ana.pk, draft_id=draft.pk, replaced_id=None, by=BY)
    assert ContactPoint.objects.filter(person=ana).count() == 1


def test_the_same_person_entered_twice_is_noticed_at_every_step(settings):
    coordinator = make_coordinator()
    ana = make_person(document_number="XDB-123456")
    for number, step in enumerate(steps(settings)):
        again = make_person(
            name=f"Somebody {number}",
            document_number="XDB-123456",
            contacts=proved("x@example.org"),
        )
        pairs = {
            frozenset((pair.first_id, pair.second_id)) for pair in candidates(coordinator).pairs
        }
        assert frozenset((ana.pk, again.pk)) in pairs, step


def test_people_have_keys_under_the_newest_secret_alone_once_all_are_rotated(settings):
    people = [make_person(name=f"Ana {n}", contacts=proved(f"a{n}@example.org")) for n in range(3)]
    actions.merge_people(kept_id=people[0].pk, absorbed_id=people[1].pk, by=BY)
    kinds = sorted(PersonKey.objects.values_list("person", "kind"))
    for step in steps(settings):
        if step == "rotated":
            marks = {
                bytes(index)[:6] for index in PersonKey.objects.values_list("index", flat=True)
            }
            assert marks == {mark_of("b")}
            assert sorted(PersonKey.objects.values_list("person", "kind")) == kinds
    assert "0 people made again" in rotate()


def test_who_objected_to_being_listed_stays_unlisted_although_no_address_is_kept(settings):
    ana = make_person(family=(FamilyAnswer(name="Luz", mail="luz@example.org"),))
    contact = FamilyContact.objects.get()
    contact.name = contact.relationship = contact.phone = contact.mail = None
    contact.objected_at = timezone.now()
    contact.save()
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    said = rotate()
    assert "1 under secret without an id; nothing else is kept of them" in said
    assert "May be taken out" not in said
    assert has_objected(ana.pk, indexes_of(MailAddress("luz@example.org")))


def report(group: Any, address: str = "eva@example.org") -> Person:
    return actions.report_person(
        source=Source.GROUP,
        name="Eva",
        language="es",
        contacts=[ContactAnswer(Channel.MAIL, address)],
        stays=[pin_stay()],
        by=BY,
        group=group,
    )


def test_nobody_is_invited_twice_by_one_group_at_any_step(settings):
    group = make_group()
    for step in steps(settings):
        report(group)
        assert Invitation.objects.count() == 1, step


def test_a_refusal_holds_as_long_as_its_secret_is_kept_and_the_command_says_until_when(settings):
    group = make_group()
    report(group)
    invitation = Invitation.objects.get()
    assert invitation.contact_point_id is not None
    actions.refuse_report(contact_point_id=invitation.contact_point_id, by=BY)
    invitation.refresh_from_db()
    until = f"until {invitation.keep_until:%Y-%m-%d}"
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    said = rotate()
    assert until in said
    assert "May be taken out" not in said
    assert has_refused(group=group, contacts=[ContactAnswer(Channel.MAIL, "eva@example.org")])
    assert report(group).contact_points.count() == 0
    # Once it need not be remembered, the former secret may go.
    Invitation.objects.update(keep_until=dt.date(2020, 1, 1))
    Invitation.objects.all().delete()
    assert "May be taken out of BLIND_INDEX_KEY now: secret without an id" in rotate()


def test_a_group_is_found_by_its_organiser_at_every_step_and_a_closed_one_by_nobody(settings):
    from registrations.groups.organising import groups_of

    group, closed = make_group(), make_group()
    actions.close_group(group_id=closed.pk, by=BY)
    organiser = MailAddress(group.organiser_mail)
    for step in steps(settings):
        assert groups_of(indexes_of(organiser)) == [group], step


def test_what_changes_between_reading_and_writing_is_newer_and_stays(settings, monkeypatch):
    from privacy import index_sources

    ana = make_person()
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    eva, write = MailAddress("eva@example.org"), index_sources._write

    def meanwhile(*arguments: Any) -> int:
        point = ContactPoint.objects.get(person=ana)
        point.address, point.address_index = "eva@example.org", index_of(eva)
        point.save()
        monkeypatch.undo()
        settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
        return write(*arguments)

    monkeypatch.setattr(index_sources, "_write", meanwhile)
    rotate()
    assert bytes(ContactPoint.objects.get().address_index) == index_of(eva)


def test_a_second_rotation_follows_the_first(settings):
    ana = make_person()
    settings.BLIND_INDEX_KEY = f"{SECOND},{FIRST}"
    rotate()
    settings.BLIND_INDEX_KEY = f"{THIRD}\n{SECOND}"
    assert who_signs_in() == [ana.pk]
    assert "May be taken out of BLIND_INDEX_KEY now: key 'b'" in rotate()
    settings.BLIND_INDEX_KEY = THIRD
    assert who_signs_in() == [ana.pk]


def test_a_secret_that_was_lost_costs_nothing_where_the_value_is_kept(settings):
    ana = make_person()
    settings.BLIND_INDEX_KEY = SECOND
    assert who_signs_in() == []
    rotate()
    assert who_signs_in() == [ana.pk]


def test_looking_somebody_up_is_the_same_work_whether_or_not_they_are_there(
    settings, django_assert_num_queries
):
    make_person()
    settings.BLIND_INDEX_KEY = f"{THIRD},{SECOND},{FIRST}"
    here = Draft.objects.create(answers=make_answers().to_json())
    gone = Draft.objects.create(answers=make_answers(contacts=proved("no@example.org")).to_json())
    assert len(blind_indexes("contact", "x")) == 3
    with django_assert_num_queries(3):
        people_proved_by(here.pk)
    with django_assert_num_queries(2):
        people_proved_by(gone.pk)


def test_another_secret_under_a_known_id_is_refused(settings):
    settings.BLIND_INDEX_KEY = SECOND
    rotate()
    settings.BLIND_INDEX_KEY = "b:some other secret of the blind indexes; long"
    with pytest.raises(CommandError, match="BLIND_INDEX_KEY: key 'b'"):
        rotate()


def test_each_column_of_blind_indexes_says_how_it_is_made_again():
    ours = {model for model in our_models() if model in apps.get_models()}
    assert unbound_indexes(ours) == []
    assert index_ring().key_id_of(blind_index("d", "v")) == ""
