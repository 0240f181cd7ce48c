"""Two registrations of one person: merged, read as one, and put back exactly."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db.models import ForeignKey
from django.utils import timezone

from audit import subjects
from audit.actors import Actor
from audit.ledger import entries_about, read_note
from audit.models import Entry
from crises import audience, previewing
from geography.areas import Area
from privacy.fields import SealedMixin
from registrations import actions
from registrations.actions import MergeRefused, merge_people, undo_merge
from registrations.answers import CompanionAnswer, FamilyAnswer
from registrations.enums import Source
from registrations.models import (
    Companion,
    Consent,
    ContactPoint,
    FamilyContact,
    FocalPoint,
    Merge,
    Person,
    PersonKey,
    Report,
    Stay,
    Verdict,
)
from registrations.people_standing import provenance_of, shells_of, standing
from tests.factories.registrations import (
    country_stay,
    make_person,
    make_places,
    pin_stay,
    place_stay,
    today,
)
from tests.factories.reports import mail, make_report

pytestmark = pytest.mark.django_db

OFFICER = Actor.system("tests")
HANGING = (Stay, ContactPoint, FamilyContact, Companion, FocalPoint, Consent, Report)


def make_full(**changes: Any) -> Person:
    """Someone with a row of everything that can hang on a person."""
    places = make_places()
    given: dict[str, Any] = {
        "stays": (
            pin_stay(exact_address="12 Jhamsikhel Road", aboard_or_with="Himal Tours"),
            place_stay(places["Suva FJ"]),
        ),
        "contacts": (mail("ana.perez@example.org"),),
        "family": (FamilyAnswer(name="Luz", relationship="mother", phone="+34911234567"),),
        "companions": (CompanionAnswer("Leo Pérez", True, "guardian", dt.date(2019, 5, 4)),),
        "document_number": "XDB 123 456",
        "birth_date": dt.date(1990, 2, 28),
    }
    person = make_person(**(given | changes))
    FocalPoint.objects.create(
        person=person, place=places["Suva FJ"], country="FJ", community="Parish", text_version="1"
    )
    Report.objects.create(person=person, source=Source.RELATIVE, note="From her aunt")
    return person


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every value of every row of every person, opened. Keys by what they say, not by their id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for model in (Person, *HANGING, Verdict):
        found[model.__name__] = [
            {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            for row in model._default_manager.order_by("pk")
        ]
    found["PersonKey"] = [
        {"person": person, "kind": kind, "index": index}
        for person, kind, index in PersonKey.objects.order_by(
            "person", "kind", "index"
        ).values_list("person", "kind", "index")
    ]
    return found


def held_by(person: Person, model: Any) -> set[UUID]:
    return set(model.objects.filter(person=person).values_list("pk", flat=True))


def test_what_hangs_on_one_hangs_on_the_other_and_opens_there() -> None:
    kept, absorbed = make_person(), make_full()
    before = {model: held_by(absorbed, model) for model in HANGING}
    merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    for model in (Stay, ContactPoint, FamilyContact, Companion, FocalPoint):
        assert before[model]
        assert before[model] <= held_by(kept, model)
        assert not held_by(absorbed, model)
    # Their words and consents stay where they were said and given.
    assert held_by(absorbed, Consent) == before[Consent] != set()
    assert held_by(absorbed, Report) == before[Report] != set()
    # Every sealed value opens for its new owner.
    found = everything()
    assert "12 Jhamsikhel Road" in {row["exact_address"] for row in found["Stay"]}
    assert {row["name"] for row in found["Companion"]} == {"Leo Pérez"}
    absorbed.refresh_from_db()
    assert absorbed.merged_into_id == kept.pk == standing(absorbed.pk) == standing(kept.pk)
    assert [report.note for report in provenance_of(kept.pk)] == ["From her aunt"]


def test_undoing_puts_every_value_back() -> None:
    kept, absorbed = make_person(), make_full()
    other = make_person(name="Olga Ruiz")
    actions.part_people(first_id=absorbed.pk, second_id=other.pk, by=OFFICER)
    before = everything()
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert everything() != before
    undo_merge(merge_id=merge.pk, by=OFFICER)
    assert everything() == before


def test_two_merges_are_undone_one_after_the_other() -> None:
    """The second brings the proved form of an address that the first one had set aside."""
    kept = make_report()
    first = make_report()
    second = make_report(document_number="B 99999")
    second.contact_points.update(verified_at=timezone.now())
    before = everything()
    one = merge_people(kept_id=kept.pk, absorbed_id=first.pk, by=OFFICER)
    two = merge_people(kept_id=kept.pk, absorbed_id=second.pk, by=OFFICER)
    with pytest.raises(MergeRefused, match="Undo that first"):
        undo_merge(merge_id=one.pk, by=OFFICER)
    undo_merge(merge_id=two.pk, by=OFFICER)
    undo_merge(merge_id=one.pk, by=OFFICER)
    assert everything() == before


def test_merging_in_a_chain_and_back() -> None:
    last, middle, first = make_person(), make_person(name="Ana P"), make_full()
    before = everything()
    one = merge_people(kept_id=middle.pk, absorbed_id=first.pk, by=OFFICER)
    two = merge_people(kept_id=last.pk, absorbed_id=middle.pk, by=OFFICER)
    assert standing(first.pk) == standing(middle.pk) == last.pk
    assert shells_of(last.pk) == {first.pk, middle.pk}
    assert [report.note for report in provenance_of(last.pk)] == ["From her aunt"]
    with pytest.raises(MergeRefused, match="merged into another since"):
        undo_merge(merge_id=one.pk, by=OFFICER)
    undo_merge(merge_id=two.pk, by=OFFICER)
    undo_merge(merge_id=one.pk, by=OFFICER)
    assert everything() == before


@pytest.mark.parametrize("proved_is_kept", [True, False])
def test_an_address_of_both_is_written_to_once_and_stays_as_proved_as_it_was(
    proved_is_kept: bool,
) -> None:
    kept, absorbed = make_report(), make_report()
    proved, unproved = (kept, absorbed) if proved_is_kept else (absorbed, kept)
    proved.contact_points.update(verified_at=timezone.now())
    before = everything()
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    point = ContactPoint.objects.get(person=kept)
    assert point.verified_at is not None
    assert point.address == "ana@example.org"
    assert ContactPoint.objects.filter(person=absorbed, verified_at=None).count() == 1
    undo_merge(merge_id=merge.pk, by=OFFICER)
    assert everything() == before
    assert unproved.contact_points.get().verified_at is None


def test_what_others_said_stays_unproved_in_the_persons_own_registration() -> None:
    kept, report = make_person(), make_report(contacts=(mail("other@example.org"),))
    merge_people(kept_id=kept.pk, absorbed_id=report.pk, by=OFFICER)
    proved = {point.address: point.verified_at for point in kept.contact_points.all()}
    assert proved["ana@example.org"] is not None
    assert proved["other@example.org"] is None
    assert [point.address for point in kept.contact_points.proved()] == ["ana@example.org"]


def test_a_persons_own_word_fills_what_the_other_leaves_open_and_leaves_it_open_again() -> None:
    kept, absorbed = make_person(), make_person(document_number="A1234567")
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert Person.objects.get(pk=kept.pk).document_number == "A1234567"
    undo_merge(merge_id=merge.pk, by=OFFICER)
    assert Person.objects.get(pk=kept.pk).document_number is None
    # What the person wrote there meanwhile stays theirs.
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    changed = Person.objects.get(pk=kept.pk)
    changed.document_number = "Z7654321"
    changed.save()
    undo_merge(merge_id=merge.pk, by=OFFICER)
    assert Person.objects.get(pk=kept.pk).document_number == "Z7654321"


def test_what_others_say_fills_nothing() -> None:
    kept, report = make_person(), make_report(document_number="A1234567")
    merge_people(kept_id=kept.pk, absorbed_id=report.pk, by=OFFICER)
    assert Person.objects.get(pk=kept.pk).document_number is None


def test_rows_changed_erased_and_added_meanwhile() -> None:
    kept, absorbed = make_person(), make_full()
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    changed = FamilyContact.objects.get(pk=merge.moved["family_contacts"][0])
    changed.phone = "+34915555555"
    changed.save()
    erased, remaining = merge.moved["stays"]
    Stay.objects.filter(pk=erased).delete()
    added = Stay.objects.create(
        person=kept, kind="trip", precision="country", country="NP", starts_on=today(),
        exact_address="Added later",
    )  # fmt: skip
    undo_merge(merge_id=merge.pk, by=OFFICER)
    changed.refresh_from_db()
    assert (changed.person_id, changed.phone) == (absorbed.pk, "+34915555555")
    assert held_by(absorbed, Stay) == {UUID(remaining)}
    assert added.pk in held_by(kept, Stay)
    assert Stay.objects.get(pk=added.pk).exact_address == "Added later"


def test_an_address_given_again_meanwhile_is_not_written_to_twice() -> None:
    kept, absorbed = make_report(), make_report()
    absorbed.contact_points.update(verified_at=timezone.now())
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    index = kept.contact_points.get().address_index
    ContactPoint.objects.create(
        person=kept, channel="mail", address="ana@example.org", address_index=index,
        verified_at=timezone.now(),
    )  # fmt: skip
    undo_merge(merge_id=merge.pk, by=OFFICER)
    assert kept.contact_points.count() == absorbed.contact_points.count() == 1


def test_nothing_is_given_back_once_every_stay_has_been_erased() -> None:
    kept, absorbed = make_person(), make_person()
    merge = merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    Stay.objects.filter(pk__in=merge.moved["stays"]).delete()
    with pytest.raises(MergeRefused, match="erased since"):
        undo_merge(merge_id=merge.pk, by=OFFICER)
    assert standing(absorbed.pk) == kept.pk


def test_the_ledger_names_both_and_keeps_the_note_for_each() -> None:
    one, two = make_person(), make_person()
    merge = merge_people(
        kept_id=one.pk, absorbed_id=two.pk, by=OFFICER, note="Ana Pérez told the desk"
    )
    undo_merge(merge_id=merge.pk, by=OFFICER)
    for person in (one, two):
        about = list(entries_about(person.pk).filter(object_type="registrations.merge"))
        assert [entry.action for entry in about] == ["person.unmerge", "person.merge"]
        assert read_note(about[1], person.pk) == "Ana Pérez told the desk"
        assert "Ana" not in str(about[1].details)
    assert Entry.objects.filter(action="person.merge").count() == 2


def test_a_merge_holds_no_value() -> None:
    one, two = make_person(), make_full()
    merge = merge_people(kept_id=one.pk, absorbed_id=two.pk, by=OFFICER)
    for name, held in merge.moved.items():
        if name != "filled":
            assert all(UUID(key) for key in held)
    assert merge.moved["filled"] == ["document_number", "birth_date"]


@pytest.mark.parametrize("given", ["kept", "absorbed"])
def test_erasing_one_erases_what_was_merged_into_it(given: str) -> None:
    kept, absorbed = make_person(), make_full()
    merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert actions.erase_person(
        person_id={"kept": kept, "absorbed": absorbed}[given].pk, by=OFFICER
    )
    for model in (Person, *HANGING, Merge, PersonKey):
        assert not model._default_manager.exists()
    # Nothing in the ledger can be tied to either any more.
    assert subjects.salt_of(kept.pk) is None
    assert subjects.salt_of(absorbed.pk) is None


def test_a_crisis_counts_and_reaches_the_merged_person_once() -> None:
    kept, absorbed = make_person(), make_person(stays=(country_stay(),))
    now = timezone.now()
    asked = (
        Area.countries(["NP"]), now, now + dt.timedelta(days=1),
        ["inside", "possibly", "somewhere", "confirmed", "stale"],
    )  # fmt: skip
    assert previewing.preview(*asked).people == 2
    merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    counted = previewing.preview(*asked)
    assert (counted.people, counted.messages, counted.unreachable) == (1, 1, 0)
    assert [point.person_id for point in audience.audience(*asked)] == [kept.pk]


def test_every_relation_to_a_person_is_accounted_for() -> None:
    """A new table that hangs on people must be moved by a merge, or be listed here with a why."""
    moved = {"stays", "contact_points", "family_contacts", "companions", "focal_point"}
    stay = {
        "reports": "said of the one they were first said of",
        "consents": "each registration's own",
        "keys": "written anew",
        "merges": "the record of merging itself",
        "absorbed": "chains of merges",
    }
    held = {
        relation.get_accessor_name()
        for relation in Person._meta.related_objects
        if isinstance(relation.field, ForeignKey)
        and relation.related_model._meta.app_label == "registrations"
        and relation.get_accessor_name() != "+"
    }
    assert {name for name in held if name and not name.endswith("+")} == moved | set(stay)
    for model in (Stay, ContactPoint, FamilyContact, Companion, FocalPoint):
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedMixin):
                assert field.owner == "person_id"
