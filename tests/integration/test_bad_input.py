"""Whatever is typed: a clear answer, what was typed is still there, nothing is lost or executed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from html import escape, unescape
from typing import Any

import phonenumbers
import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registrations.forms import CompanionForm, FamilyForm, WhoForm
from registrations.models import Draft, FamilyContact, Person
from tests.factories import journey
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.registrations import make_places, today

pytestmark = pytest.mark.django_db

SCRIPT = "<script>alert('x')</script><img src=x onerror=alert(1)>"
SQL = "Robert'); DROP TABLE registrations_person;--"
HOSTILE = {
    "a script": SCRIPT,
    "SQL": SQL,
    "a template": "{{ 7|add:7 }}{% now 'Y' %}${7*7}",
    "an emoji": "👩‍🚀🏳️‍🌈 Ana",
    "one letter": "Ö",
    "300 letters": "x" * 300,
    "301 letters": "x" * 301,
    "a huge text": "y" * 100_000,
    "a zero byte": "Ana\x00Pérez",
    "nothing but spaces": " \u00a0\u2003\t",
    "nothing that is seen": "\u200b\u2060\ufeff",
    "an override of direction": "\u202eanA\u202c",
    "many lines": "a\r\nb\nc",
    "accents by the hundred": "Z" + "\u0301" * 200,
    "half a pair": "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    "a formula": '=HYPERLINK("http://x.example")',
    "a number": "99999999999999999999999999",
    "not a choice": "tlh",
}
SAVED = {"starts_on": today().isoformat(), "ends_on": (today() + dt.timedelta(9)).isoformat()}
# Each page with its right answers: the fields that a browser sends.
RIGHT: dict[str, dict[str, str]] = {
    "enter_name": {
        "name": "Ana Pérez", "mail": "ana@example.org", "mobile": "+34600123456",
        "language": "es", "document_number": "AB 123", "birth_date": "1990-03-31",
        "mail_abroad": "on", "mobile_abroad": "on",
    },
    "add_stay": {
        "kind": "voyage", "ship": "Elvira", "place": "Kathmandu", "place_id": "", "country": "",
        "latitude": "", "longitude": "", "exact_address": "Calle Luna 7", "purpose": "work",
        "employer": "", **SAVED,
    },
    "add_companion": {
        "name": "Luis", "birth_date": "1990-03-31", "consent": "invited",
        "mail": "luis@example.org", "phone": "",
    },
    "add_family": {
        "name": "Luz", "relationship": "madre", "phone": "+34911234567",
        "mail": "luz@example.org", "language": "es",
    },
    "give_consents": {
        "crisis_contact": "on", "needs": "on", "needs_text": "Insulina", "statistics": "on",
        "gender": "female", "home_region": "Norte",
    },
}  # fmt: skip


@pytest.fixture
def visit(client: Client) -> Client:
    """Somebody who has proved an address and given a stay, so that every page is open."""
    cache.clear()
    make_places()
    journey.prove(client)
    journey.send(client, "add_stay", journey.stay(), then="enter_people")
    journey.send(client, "enter_people", {}, then="give_consents")
    return client


def attempt(client: Client, path: str, fields: dict[str, str]) -> Any:
    """Send the form as if for the first time: what it changed is undone."""
    cache.clear()
    with transaction.atomic():
        response = client.post(path, fields)
        transaction.set_rollback(True)
    return response


def shown(value: str, html: str) -> bool:
    """Whether the page holds the text, as a field or a textarea would."""
    flat = " ".join(unescape(html).split())
    return " ".join(value.replace("\x00", "").split()) in flat.replace("\x00", "")


def assert_answered(response: Any, typed: dict[str, str], changed: str) -> None:
    """It is taken, or it is refused with a reason beside the field and everything typed kept."""
    html = response.content.decode()
    assert response.status_code in {200, 302, 422}, (changed, response.status_code)
    assert "<script>alert" not in html, changed
    assert "<img src=x" not in html, changed
    if response.status_code == 302:
        return
    assert "error-summary" in html, changed
    for name, value in typed.items():
        written = value if name == changed else value.strip()
        if name in {"place_id"} or f'type="radio" name="{name}"' in html or value == "on":
            continue
        is_list = re.search(rf'<select[^>]* name="{name}"', html)
        assert is_list or shown(written, html), (changed, name, value[:40])


@pytest.mark.parametrize("step", RIGHT)
def test_each_field_takes_or_refuses_whatever_is_typed(visit: Client, step):
    right = RIGHT[step]
    assert attempt(visit, reverse(step), right).status_code == 302, "the right answers are taken"
    for field in right:
        for hostile in HOSTILE.values():
            typed = right | {field: hostile}
            assert_answered(attempt(visit, reverse(step), typed), typed, field)
    assert Draft.objects.count() == 1


@pytest.mark.parametrize("step", RIGHT)
def test_every_field_at_once(visit: Client, step):
    for hostile in HOSTILE.values():
        typed = dict.fromkeys(RIGHT[step], hostile)
        assert_answered(attempt(visit, reverse(step), typed), typed, "all")
    assert_answered(attempt(visit, reverse(step), {}), {}, "none")


def test_a_crisis_takes_what_it_can(client: Client):
    make_places()
    make_people(1)
    crisis = make_frozen(make_crisis()).crisis
    right = {
        "name": "Ana Pérez", "mobile": "+34600123456", "mail": "", "place": "Kathmandu",
        "country": "NP", "wellbeing": "safe", "note": "Hotel", "agrees": "on", "token": "",
    }  # fmt: skip
    path = reverse("register_in_crisis", args=[crisis.pk])
    assert attempt(client, path, right).status_code == 302
    for field in right:
        for hostile in HOSTILE.values():
            response = attempt(client, path, right | {field: hostile})
            assert response.status_code in {200, 302, 422}, (field, hostile[:40])
            assert b"<script>alert" not in response.content


def test_what_was_typed_is_kept_as_typed_and_escaped_on_every_page(visit: Client):
    journey.send(visit, "give_consents", RIGHT["give_consents"] | {"needs_text": SCRIPT},
                 then="check_answers")  # fmt: skip
    journey.send(visit, "enter_name", RIGHT["enter_name"] | {"name": SCRIPT, "mobile": "",
                 "mail": journey.WHO["mail"]}, then="check_answers")  # fmt: skip
    stay = RIGHT["add_stay"] | {"ship": SQL, "exact_address": SCRIPT}
    journey.send(visit, "add_stay", stay, then="check_answers")
    family = RIGHT["add_family"] | {"name": SQL, "relationship": SCRIPT}
    journey.send(visit, "add_family", family, then="enter_people")
    before = journey.page(visit, "check_answers")
    journey.send(visit, "check_answers", {}, then="show_done")
    person = Person.objects.get()
    assert (person.name, person.needs) == (SCRIPT, SCRIPT)
    assert {stay.exact_address for stay in person.stays.all()} == {SCRIPT, None}
    assert FamilyContact.objects.get().name == SQL
    pages = [before] + [
        journey.page(visit, name)
        for name in ("show_done", "read_registration", "read_access_log", "read_consents",
                     "change_facts", "change_needs", "erase_registration")
    ]  # fmt: skip
    assert escape(SCRIPT, quote=False)[:14] in before
    for html in pages:
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    # The download is a file of its own, opened from the person's own disk.
    assert b"<script>alert" not in visit.post(reverse("download_page")).content


@pytest.mark.parametrize(
    "day",
    [
        "2027-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "-1", "today",
        "31/31/2027", "2027-13-01", "1e9", "2027-01-01T99:99", "\x00", "٣١/٠٢/٢٠٢٧",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["starts_on", "ends_on"])
def test_impossible_days_are_refused_in_words(visit: Client, day, field):
    typed = RIGHT["add_stay"] | {field: day}
    response = attempt(visit, reverse("add_stay"), typed)
    assert response.status_code == 200
    assert_answered(response, typed, field)


def mobile_numbers() -> Iterator[tuple[str, phonenumbers.PhoneNumber]]:
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        number = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        if number is not None:
            yield region, number


def test_mobile_numbers_of_every_country_are_taken_however_they_are_written():
    written = phonenumbers.PhoneNumberFormat
    regions = 0
    for region, number in mobile_numbers():
        whole = phonenumbers.format_number(number, written.E164)
        for format_ in (written.E164, written.INTERNATIONAL, written.RFC3966):
            typed = phonenumbers.format_number(number, format_).removeprefix("tel:")
            for text in (typed, "00" + typed.removeprefix("+"), f" {typed} "):
                form = WhoForm({"name": "Ana", "mobile": text, "language": "es"})
                assert form.is_valid(), (region, text, form.errors)
                assert form.cleaned_data["mobile"] == whole, region
        regions += 1
    assert regions > 200


def test_other_numbers_of_every_country_may_be_called():
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.VOIP)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                typed = phonenumbers.format_number(
                    number, phonenumbers.PhoneNumberFormat.INTERNATIONAL
                )
                form = FamilyForm({"name": "Luz", "phone": typed, "language": "es"})
                assert form.is_valid(), (region, typed, form.errors)


anything = st.text(max_size=400) | st.sampled_from(sorted(HOSTILE.values()))
SOME = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("form_class", [WhoForm, FamilyForm, CompanionForm])
@SOME
@given(data=st.data())
def test_a_form_never_fails_and_takes_its_own_answers_again(form_class, data):
    fields = form_class.base_fields
    typed = {name: data.draw(anything, label=name) for name in fields}
    form = form_class(typed)
    if form.is_valid():
        again = form_class({name: _as_sent(value) for name, value in form.cleaned_data.items()})
        assert again.is_valid(), again.errors
        assert again.cleaned_data == form.cleaned_data
    else:
        assert all(str(problem) for problems in form.errors.values() for problem in problems)


def _as_sent(value: object) -> object:
    """What a browser would send for a cleaned value."""
    return value.isoformat() if isinstance(value, dt.date) else ("" if value is None else value)


@SOME
@given(name=st.text(alphabet=st.characters(exclude_categories=["C", "Z", "M"]), min_size=1,
                    max_size=300))  # fmt: skip
def test_any_name_that_can_be_seen_is_taken(name):
    assert WhoForm({"name": name, "mail": "a@example.org", "language": "es"}).is_valid()


def test_a_form_without_its_token_is_refused_and_nothing_is_lost(visit: Client):
    """As when cookies were deleted, or the page lay open over night."""
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = visit.cookies
    kept = Draft.objects.get().answers
    response = careful.post(reverse("give_consents"), RIGHT["give_consents"])
    assert response.status_code == 403
    assert "<h1" in response.content.decode()
    assert Draft.objects.get().answers == kept
    assert careful.get(reverse("give_consents")).status_code == 200


STRANGE = ["%00", "%FF", "%ED%A0%80", "%F0%9F%91%A9", "a" * 9000, "%3Cscript%3Ealert"]


@pytest.mark.parametrize("encoded", STRANGE, ids=lambda encoded: encoded[:16])
def test_addresses_that_nobody_would_type_are_answered_calmly(visit: Client, encoded):
    for path in (f"/places/?q={encoded}", f"/register/where/?x={encoded}", f"/a/{encoded}",
                 f"/still/{encoded}", f"/advice/{encoded}/", f"/{encoded}",
                 f"/register/where/{encoded}/", f"/sign-in/?next={encoded}"):  # fmt: skip
        response = visit.get(path)
        assert response.status_code < 500, path[:60]
        assert b"<script>alert" not in response.content
