"""The rules for posts and users."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts import validation
from accounts.enums import Role
from accounts.models import Post, User


def test_country_codes_are_capitals_distinct_and_sorted():
    assert validation.country_codes(["np", " BT ", "NP"]) == ["BT", "NP"]


@pytest.mark.parametrize("value", ["", "N", "NPL", "ZZ", "Nepal"])
def test_what_is_no_country_code_is_refused(value):
    with pytest.raises(ValidationError):
        validation.country_code(value)


def test_a_jurisdiction_names_a_country():
    with pytest.raises(ValidationError):
        validation.country_codes([])


def test_a_telephone_number_becomes_e164():
    assert validation.telephone("+977 1-441 1223") == "+97714411223"


@pytest.mark.parametrize("value", ["", "4411223", "+", "call us", "+9771"])
def test_a_telephone_number_without_its_country_is_refused(value):
    with pytest.raises(ValidationError):
        validation.telephone(value)


def test_a_mail_address_is_lower_case():
    assert validation.mail_address(" Ana@MFA.example ") == "ana@mfa.example"


def _user(role: Role, jurisdiction: list[str] | None = None, *, is_active: bool = True) -> User:
    post = None if jurisdiction is None else Post(jurisdiction=jurisdiction)
    return User(role=role, post=post, is_active=is_active)


@pytest.mark.parametrize(
    ("user", "countries", "may"),
    [
        (_user(Role.OFFICER, ["NP", "BT"]), ["NP"], True),
        (_user(Role.OFFICER, ["NP", "BT"]), ["NP", "BT"], True),
        (_user(Role.OFFICER, ["NP", "BT"]), ["NP", "IN"], False),
        (_user(Role.OFFICER, ["NP", "BT"]), [], True),
        (_user(Role.OFFICER, ["NP"], is_active=False), ["NP"], False),
        (_user(Role.COORDINATOR), ["NP", "CL"], True),
        (_user(Role.COORDINATOR, is_active=False), ["NP"], False),
        (_user(Role.AUDITOR), [], False),
        (_user(Role.DATA_PROTECTION_OFFICER, ["NP"]), ["NP"], False),
        (_user(Role.OPERATOR), ["NP"], False),
    ],
)
def test_who_may_act_where(user, countries, may):
    assert user.can_act_in(countries) is may


def test_countries_of_each_role():
    assert _user(Role.COORDINATOR).countries is None
    assert _user(Role.OFFICER, ["NP"]).countries == frozenset({"NP"})
    assert _user(Role.AUDITOR).countries == frozenset()
