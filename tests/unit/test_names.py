"""Names and document numbers, as the same person may write them twice."""

from __future__ import annotations

import pytest

from registrations.names import NameWords, normal_document


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana Pérez", "ANA PEREZ"),
        ("Ana Pérez", "Pérez, Ana"),
        ("Ana Pérez", "perez ana"),
        ("María de la Cruz", "Maria Cruz"),
        ("John F. Kennedy", "John Kennedy"),
        ("Renée O’Connor", "Renee O'Connor"),
        ("Łukasz Wiśniewski", "Lukasz Wisniewski"),
        ("محمّد علي", "محمد على"),
        ("Ａｎａ Ｐéｒｅｚ", "Ana Pérez"),
    ],
)
def test_two_ways_of_writing_one_name_are_alike(one: str, other: str) -> None:
    assert NameWords.of(one).together == NameWords.of(other).together != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ana Pérez", "Ana Gómez"), ("Ana Pérez", "Ana María Pérez"), ("นภา ใจดี", "นภี ใจดี")],
)
def test_other_names_differ(one: str, other: str) -> None:
    assert NameWords.of(one).together != NameWords.of(other).together


@pytest.mark.parametrize("name", ["Suharto", "X", "🙂", "Ana Ana", "", "李小龙"])
def test_a_single_word_is_no_name_to_compare(name: str) -> None:
    assert NameWords.of(name).together == ""
    assert NameWords.of(name).pairs == []


def test_a_name_of_particles_and_initials_keeps_them() -> None:
    assert NameWords.of("Al de la O").together == "al de la o"


def test_a_name_with_one_family_name_meets_the_one_with_two() -> None:
    long, short = NameWords.of("Ana María Pérez Gómez"), NameWords.of("Ana Pérez")
    assert set(short.pairs) < set(long.pairs)
    assert long.first == short.first == "ana"


def test_a_long_name_is_compared_by_its_first_six_words() -> None:
    name = " ".join(f"word{number}" for number in range(60))
    assert len(NameWords.of(name).pairs) == 15


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("ab-123 456", "AB123456"), ("١٢٣٤٥٦", "123456"), ("1234", ""), ("- -", ""), ("", "")],
)
def test_a_document_number_without_signs(typed: str, normal: str) -> None:
    assert normal_document(typed) == normal
