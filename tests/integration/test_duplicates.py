"""Pairs that may be one person: what makes two alike, and who sees them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import Role
from audit.actors import Actor
from registrations import actions
from registrations.duplicates import candidates
from registrations.enums import KeyKind
from registrations.models import Person, PersonKey
from tests.factories.accounts import make_coordinator, make_officer, make_user
from tests.factories.likenesses import alike, mail, someone
from tests.factories.registrations import country_stay, pin_stay, today

pytestmark = pytest.mark.django_db

OFFICER = Actor.system("tests")


def kinds_of(one: Person, other: Person) -> tuple[KeyKind, ...] | None:
    """Why a coordinator is shown the two; None when they are not."""
    found = candidates(make_coordinator())
    wanted = {one.pk, other.pk}
    return next(
        (pair.kinds for pair in found.pairs if {pair.first_id, pair.second_id} == wanted), None
    )


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"document_number": "XDB 123-456"}, {"document_number": "xdb123456"}, "document"),
        (
            {"name": "Ana María Pérez Gómez", "birth_date": dt.date(1990, 2, 28)},
            {"name": "Pérez, Ana", "birth_date": dt.date(1990, 2, 28)},
            "name_birth",
        ),
        ({"name": "Ana Pérez"}, {"name": "perez ANA"}, "name_stay"),
        (
            {"name": "Ana Pérez", "contacts": (mail("family@example.org"),)},
            {"name": "Ana María Gómez", "contacts": (mail("FAMILY@example.org"),)},
            "name_contact",
        ),
    ],
)
def test_what_makes_two_alike(one: dict[str, Any], other: dict[str, Any], why: str) -> None:
    assert kinds_of(someone(**one), someone(**other)) == (KeyKind(why),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # A family's one address, and its one family name.
        (
            {"name": "Ana Pérez", "contacts": (mail("family@example.org"),)},
            {"name": "Luis Pérez", "contacts": (mail("family@example.org"),)},
        ),
        # A date of birth is shared by thousands.
        ({"birth_date": dt.date(1990, 2, 28)}, {"birth_date": dt.date(1990, 2, 28)}),
        # A single name, and the same place and month.
        ({"name": "Suharto"}, {"name": "Suharto"}),
        # One name, in two countries; in two months.
        (
            {"name": "Ana Pérez", "stays": (country_stay("NP"),)},
            {"name": "Ana Pérez", "stays": (country_stay("FJ"),)},
        ),
        (
            {"name": "Ana Pérez"},
            {
                "name": "Ana Pérez",
                "stays": (
                    pin_stay(
                        starts_on=today() + dt.timedelta(days=70),
                        ends_on=today() + dt.timedelta(days=71),
                    ),
                ),
            },
        ),
        ({"document_number": "0"}, {"document_number": "0"}),
    ],
)
def test_what_does_not(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert kinds_of(someone(**one), someone(**other)) is None


def test_no_key_is_of_one_low_entropy_value() -> None:
    someone(name="Suharto", birth_date=dt.date(1990, 2, 28))
    assert set(PersonKey.objects.values_list("kind", flat=True)) == {KeyKind.NAME_CONTACT}


def test_the_surest_come_first_then_the_newest() -> None:
    weak = alike(name="Ana Pérez")
    older = alike(document_number="OLD12345")
    newer = alike(document_number="NEW12345")
    Person.objects.filter(pk__in=[person.pk for person in older]).update(
        created_at=timezone.now() - dt.timedelta(days=9)
    )
    found = candidates(make_coordinator())
    assert [{pair.first_id, pair.second_id} for pair in found.pairs] == [
        {person.pk for person in pair} for pair in (newer, older, weak)
    ]
    assert found.counts == {KeyKind.DOCUMENT: 2, KeyKind.NAME_STAY: 1}
    assert found.total == 3
    few = candidates(make_coordinator(), limit=1)
    assert len(few.pairs) == 1
    assert few.counts == found.counts


def test_two_that_share_several_things_are_one_pair() -> None:
    one, other = alike(name="Ana Pérez", document_number="A12345", birth_date=dt.date(1990, 1, 1))
    assert kinds_of(one, other) == (KeyKind.DOCUMENT, KeyKind.NAME_BIRTH, KeyKind.NAME_STAY)


def test_a_key_that_everyone_shares_tells_nothing() -> None:
    for _ in range(13):
        someone(document_number="00000")
    assert candidates(make_coordinator()).pairs == []


def test_decided_and_merged_pairs_are_not_shown() -> None:
    parted, merged, shell = alike(document_number="A12345"), *alike(document_number="B12345")
    actions.part_people(first_id=parted[0].pk, second_id=parted[1].pk, by=OFFICER)
    actions.merge_people(kept_id=merged.pk, absorbed_id=shell.pk, by=OFFICER)
    assert candidates(make_coordinator()).pairs == []


def test_a_merged_person_is_found_by_what_each_of_the_two_said() -> None:
    kept, absorbed = (
        someone(name="Ana Pérez"),
        someone(name="Anita Peres", document_number="A99999"),
    )
    actions.merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    third = someone(name="Anita Peres")
    assert kinds_of(kept, third) == (KeyKind.NAME_STAY,)


def test_who_is_not_the_merged_one_is_not_the_kept_one_either() -> None:
    kept, absorbed = alike(document_number="A12345")
    third = someone(document_number="A12345")
    actions.part_people(first_id=absorbed.pk, second_id=third.pk, by=OFFICER)
    merge = actions.merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=OFFICER)
    assert kinds_of(kept, third) is None
    actions.undo_merge(merge_id=merge.pk, by=OFFICER)
    assert kinds_of(kept, third) == (KeyKind.DOCUMENT,)


def test_keys_follow_what_is_changed() -> None:
    one, other = someone(name="Ana Pérez"), someone(name="Olga Ruiz")
    other.name = "Ana Pérez"
    other.save()
    assert kinds_of(one, other) is None
    actions.reindex_person(person_id=other.pk)
    assert kinds_of(one, other) == (KeyKind.NAME_STAY,)


def test_an_officer_sees_pairs_of_which_one_is_in_their_countries() -> None:
    here, there = (
        someone(document_number="A12345"),
        someone(document_number="A12345", stays=(country_stay("FJ"),)),
    )
    alike(document_number="B12345", stays=(country_stay("US"),))
    officer = make_officer()
    pairs = candidates(officer).pairs
    assert [{pair.first_id, pair.second_id} for pair in pairs] == [{here.pk, there.pk}]
    assert candidates(officer, person_id=here.pk).pairs == pairs
    assert candidates(officer, person_id=there.pk).pairs == []
    assert len(candidates(make_coordinator()).pairs) == 2
    assert candidates(make_user(Role.AUDITOR)).pairs == ()


def test_one_statement_whatever_there_is(django_assert_num_queries: Any) -> None:
    coordinator = make_coordinator()
    for number in range(5):
        alike(document_number=f"A1234{number}")
    # And the one before it that sets it up.
    with django_assert_num_queries(2):
        assert candidates(coordinator).total == 5
