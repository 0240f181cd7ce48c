"""Names, addresses, coordinates and days: what is taken, and what is refused in which words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID, uuid4

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.networks import network_of
from registrations.answers import Answers, CompanionAnswer, ContactAnswer, FamilyAnswer, StayAnswer
from registrations.codes import CODE_LENGTH, code_of, is_code_of, read_code
from registrations.references import identifiers_of, reference_of
from registrations.validation import (
    MailAddress,
    PhoneNumber,
    clean_coordinate,
    clean_document,
    clean_name,
)

TODAY = dt.date(2027, 3, 10)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana   Pérez ", "Ana Pérez"),
        ("Ana Pe\u0301rez", "Ana Pérez"),
        ("Ana\x00\x07 Pérez\u202e", "Ana Pérez"),
        ("O", "O"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("x" * 300, "x" * 300),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_names_are_kept_as_people_write_them(typed, kept):
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200d", "\u202e\u0000", "x" * 301])
def test_a_name_has_a_letter_and_an_end(typed):
    with pytest.raises(ValidationError):
        clean_name(typed)


def test_one_mailbox_has_one_index_however_it_is_written():
    first = MailAddress.parse(" Ana@Example.ORG ")
    assert first.address == "Ana@example.org"
    assert first.indexed == MailAddress.parse("ana@example.org").indexed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "a b@example.org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "ana@example.org\nBcc: all@example.org",
        "x" * 250 + "@example.org",
    ],
)
def test_what_is_no_mail_address_is_refused(typed):
    with pytest.raises(ValidationError):
        MailAddress.parse(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+34 600 123 456", "+34600123456"),
        ("0034 600-123-456", "+34600123456"),
        ("+34 (600) 123456", "+34600123456"),
        ("+٣٤٦٠٠١٢٣٤٥٦", "+34600123456"),
        ("＋34600123456", "+34600123456"),
        ("+1 415 555 2671", "+14155552671"),
    ],
)
def test_numbers_become_e164(typed, kept):
    assert PhoneNumber.parse(typed, mobile=True).address == kept


@pytest.mark.parametrize("typed", ["", "600123456", "+", "+34", "+34 12", "+999 123456789", "x"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        PhoneNumber.parse(typed)


def test_every_country_has_a_mobile_number_that_is_taken():
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if example is not None:
            typed = phonenumbers.format_number(
                example, phonenumbers.PhoneNumberFormat.INTERNATIONAL
            )
            assert PhoneNumber.parse(typed, mobile=True).address.startswith("+")


def test_a_telephone_without_text_messages_is_for_families_only():
    PhoneNumber.parse("+34 911 234 567")
    with pytest.raises(ValidationError, match="cannot receive text messages"):
        PhoneNumber.parse("+34 911 234 567", mobile=True)


@pytest.mark.parametrize(
    ("typed", "latitude", "value"),
    [
        ("27.7172", True, 27.7172),
        ("27,7172", True, 27.7172),
        ("-33.45", True, -33.45),
        ("−33.45", True, -33.45),
        ("33.45 S", True, -33.45),
        ("33.45° n", True, 33.45),
        ("70.6O", False, -70.6),
        ("٢٧.٥", True, 27.5),
        ("180", False, 180.0),
    ],
)
def test_coordinates_as_people_write_them(typed, latitude, value):
    assert clean_coordinate(typed, latitude=latitude) == pytest.approx(value)


@pytest.mark.parametrize(
    ("typed", "latitude"),
    [
        ("90.01", True),
        ("181", False),
        ("12 E", True),
        ("12 N", False),
        ("nan", True),
        ("", True),
        ("1e3", True),
        ("1234", False),
        ("27°43'", True),
    ],
)
def test_impossible_coordinates_are_refused(typed, latitude):
    with pytest.raises(ValidationError):
        clean_coordinate(typed, latitude=latitude)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ab 123-456/x ", "AB 123-456/X"),
        ("AAA\u200b123", "AAA123"),
        ("أ ١٢٣", "أ 123"),
        ("Ñ12", "Ñ12"),
        ("", ""),
        ("x" * 40, "X" * 40),
    ],
)
def test_document_numbers_are_tidied(typed, kept):
    assert clean_document(typed) == kept


@pytest.mark.parametrize("typed", ["x" * 41, "<b>1</b>", "1;2", "'1", "--", "12👍", "a_b"])
def test_what_is_no_document_number_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_document(typed)


@given(st.uuids())
def test_a_reference_finds_its_person_again(person_id: UUID):
    found = identifiers_of(reference_of(person_id).lower().replace("-", " "))
    assert found is not None
    assert found[0] <= person_id <= found[1]
    assert found[1].int - found[0].int == (1 << 88) - 1


@pytest.mark.parametrize("text", ["", "7K2M", "7K2M-9QX4-1", "7K2M-9QXU", "éééééééé"])
def test_what_is_no_reference_finds_nobody(text):
    assert identifiers_of(text) is None


def test_a_code_is_six_digits_and_belongs_to_one_challenge():
    first, second = uuid4(), uuid4()
    assert len(code_of(first)) == CODE_LENGTH
    assert code_of(first) == code_of(first)
    assert is_code_of(first, code_of(first))
    assert len({code_of(uuid4()) for _ in range(200)}) > 190
    assert first != second


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("123-456", "123456"),
        ("١٢٣٤٥٦", "123456"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("½23456", None),
        ("", None),
    ],
)
def test_codes_as_people_type_them(typed, read):
    assert read_code(typed) == read


def test_networks_are_wider_than_one_person():
    assert network_of("198.51.100.7") == network_of("198.51.100.200") == "198.51.100.0/24"
    assert network_of("::ffff:198.51.100.7") == "198.51.100.0/24"
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:7f::1")
    assert network_of("") == "unknown"


def test_answers_survive_their_draft():
    answers = Answers(
        name="Ana",
        language="es",
        contacts=(
            ContactAnswer("mail", "a@example.org", verified_at=timezone.now()),
            ContactAnswer("sms", "+34600123456"),
        ),
        stays=(
            StayAnswer("trip", "pin", TODAY, "NP", cell=608819013528322047, latitude=1.5),
            StayAnswer("residence", "country", TODAY, "CL"),
        ),
        family=(FamilyAnswer("Luz", phone="+34911234567", language="fr", key="1"),),
        companions=(
            CompanionAnswer("Leo", True, "guardian", dt.date(2015, 5, 5), key="2"),
            CompanionAnswer("Eva", False, "invited", mail="eva@example.org", key="3"),
        ),
        document_number="AB 12",
        birth_date=dt.date(1980, 2, 29),
        needs="insulin",
        country="NP",
        consents=frozenset({"crisis_contact"}),
        steps=frozenset({"people"}),
    )
    assert Answers.from_json(answers.to_json()) == answers
    assert Answers.from_json(Answers().to_json()) == Answers()


def test_nothing_is_kept_whose_own_consent_was_not_given():
    told = Answers(needs="insulin", gender="female", home_region="Maule")
    assert told.without_unagreed() == Answers()
    agreed = replace(told, consents=frozenset({"needs", "statistics"}))
    assert agreed.without_unagreed() == agreed


@pytest.mark.parametrize(
    "wrong",
    [
        {"is_minor": True, "consent": "in_person"},
        {"is_minor": False, "consent": "guardian"},
        {"is_minor": False, "consent": "invited"},
        {"is_minor": False, "consent": "in_person", "mail": "a@example.org"},
        {"is_minor": False, "consent": "assumed"},
    ],
)
def test_a_companion_without_a_consent_that_fits_cannot_be_made(wrong):
    with pytest.raises(ValueError):
        CompanionAnswer(name="Leo", **wrong)


def test_the_first_missing_step_is_named():
    answers = Answers()
    assert answers.missing_step() == "who"
    answers = Answers(name="Ana", contacts=(ContactAnswer("mail", "a@example.org"),))
    assert answers.missing_step() == "code"


@pytest.mark.parametrize(
    "wrong",
    [
        {"precision": "pin"},
        {"precision": "country", "cell": 1},
        {"precision": "place", "cell": 1},
        {"precision": "pin", "cell": 1, "place_id": 1},
        {"precision": "pin", "cell": 1, "ends_on": TODAY - dt.timedelta(days=1)},
        {"precision": "street"},
        {"precision": "pin", "cell": 1, "kind": "holiday"},
    ],
)
def test_a_stay_that_contradicts_itself_cannot_be_made(wrong):
    with pytest.raises(ValueError):
        StayAnswer(**({"kind": "trip", "starts_on": TODAY} | wrong))
