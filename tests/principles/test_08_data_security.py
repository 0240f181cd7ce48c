"""8. Data security.

Whoever carries off the database has carried off nothing: each value about a person is sealed, under
a key that is elsewhere, for its own row and its own person. Whoever can write there as well can
neither move a value to where they may read it nor make a stranger's registration their own.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from privacy.sealing import CannotOpen
from registrations.codes import code_of
from registrations.models import Challenge, ContactPoint, Stay
from tests.factories.erasing import MAIL, MOBILE, plant
from tests.factories.registrations import make_person, pin_stay
from tests.factories.reports import mail
from tests.factories.visits import shown
from tests.principles.stored import tables_that_say


def run(sql: str, *params: Any) -> None:
    """As somebody who may write to the database."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        assert cursor.rowcount == 1


@pytest.mark.django_db(transaction=True)
def test_a_stolen_database_says_nothing_of_anybody():
    planted = plant(ask_for_help=True)
    said = {
        "Zorrilla", "Quirina", MAIL, MOBILE, MOBILE.removeprefix("+"), "QZ-778899", "QZ778899",
        "1984-02-01", "Insulin", "Oaxaca", "Xochimilco", "Benito", "Carmen", "+34911765432",
        "sol@example.org", "carmen@example.org", "Quirina here", "Roof of the school", "Lejano",
        "tomas@example.org", "Thamel", "Parish",
    }  # fmt: skip
    assert len(planted.needles.values) > 10
    assert tables_that_say(said | planted.needles.values) == {}
    # The search itself finds what stands there openly.
    assert "registrations_person" in tables_that_say([planted.person.pk])[str(planted.person.pk)]


@pytest.mark.django_db
def test_a_value_moved_to_another_person_does_not_open():
    """A thief who writes to the database gives a victim's address to a stay of their own."""
    victim = make_person(stays=(pin_stay(exact_address="Calle Xochimilco 7"),))
    thief = make_person(contacts=(mail("thief@example.org"),))
    run(
        "UPDATE registrations_stay SET exact_address = (SELECT exact_address FROM"
        " registrations_stay WHERE person_id = %s) WHERE person_id = %s",
        victim.pk,
        thief.pk,
    )
    with pytest.raises(CannotOpen):
        _ = Stay.objects.get(person=thief).exact_address
    # Nor does the victim's whole row, given to the thief.
    row = Stay.objects.get(person=victim)
    run("UPDATE registrations_stay SET person_id = %s WHERE id = %s", thief.pk, row.pk)
    with pytest.raises(CannotOpen):
        _ = Stay.objects.get(pk=row.pk).exact_address


@pytest.mark.django_db
def test_an_index_copied_to_another_person_signs_nobody_in(client: Client):
    """The thief's own address, found under the victim's contact point, would open their record."""
    cache.clear()
    victim = make_person(name="Quirina Zorrilla", contacts=(mail("quirina@example.org"),))
    thief = make_person(name="Taker", contacts=(mail("thief@example.org"),))
    theirs = thief.contact_points.get()
    theirs_index = bytes(theirs.address_index)
    run(
        "UPDATE registrations_contactpoint SET address_index = %s WHERE person_id = %s",
        theirs_index,
        victim.pk,
    )
    assert ContactPoint.objects.filter(address_index=theirs_index).count() == 2
    _sign_in(client, "thief@example.org")
    page = shown(client, "read_registration")
    assert "Taker" in page
    assert "Quirina" not in page


@pytest.mark.django_db
def test_a_code_is_kept_nowhere_and_a_guess_opens_nothing(client: Client):
    cache.clear()
    make_person()
    client.post(reverse("sign_in"), {"contact": "ana@example.org"})
    code = code_of(Challenge.objects.latest("created_at").pk)
    rows = tables_that_say([code])
    assert not rows.get(code, set()) & {"registrations_challenge", "registrations_draft"}
    for guess in range(6):
        wrong = f"{(int(code) + 1 + guess) % 1_000_000:06d}"
        client.post(reverse("confirm_sign_in"), {"code": wrong})
    # After five wrong ones the right one no longer serves either.
    client.post(reverse("confirm_sign_in"), {"code": code})
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


def _sign_in(client: Client, address: str) -> None:
    client.post(reverse("sign_in"), {"contact": address})
    code = code_of(Challenge.objects.latest("created_at").pk)
    client.post(reverse("confirm_sign_in"), {"code": code})
