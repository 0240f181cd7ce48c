"""11. Ownership.

What is kept of a person stays theirs: they take it along in a form that reads without this
portal, they end it themselves, and nobody else's word changes it. Whole copies of the register
leave it only sealed to somebody who was named for that.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyrage
import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from audit.actors import Actor
from registrations import actions
from registrations.codes import code_of
from registrations.enums import Source
from registrations.models import Challenge, Person
from tests.factories.erasing import MAIL, plant
from tests.factories.groups import make_group
from tests.factories.registrations import make_person, make_places, pin_stay
from tests.factories.reports import mail
from tests.factories.visits import shown, visit_of
from tests.principles.stored import tables_that_say

NAME, DOCUMENT = "Quirina Zorrilla", "QZ-778899"


def sign_in(client: Client, address: str) -> None:
    client.post(reverse("sign_in"), {"contact": address})
    code = code_of(Challenge.objects.latest("created_at").pk)
    client.post(reverse("confirm_sign_in"), {"code": code})


@pytest.mark.django_db(transaction=True)
def test_a_person_takes_everything_along_and_leaves_nothing_behind():
    """As they would: with a code, on their own, asking nobody."""
    planted = plant()
    cache.clear()
    visit = Client()
    sign_in(visit, MAIL)
    if not visit.session.get("registration"):
        # Another registration shares the address: they say which is theirs.
        visit.post(reverse("choose_registration"), {"who": NAME})
    data = json.loads(visit.get(reverse("download_data")).content)
    assert (data["person"]["name"], data["person"]["document_number"]) == (NAME, DOCUMENT)
    page = visit.get(reverse("download_page"))
    assert page["Content-Disposition"].startswith("attachment")
    assert page.content.decode().count("/static/") == 0, "it needs nothing of the portal's"
    assert (
        "Your registration is erased."
        in visit.post(reverse("erase_registration"), follow=True).content.decode()
    )
    left = planted.needles
    assert tables_that_say({*left.identifiers, *left.values, *_hex(left.digests)}) == {}
    assert Person.objects.filter(pk=planted.other.pk).exists()


@pytest.mark.django_db
def test_nobody_elses_word_changes_a_registration_or_opens_it(client: Client):
    """A school lists somebody who is registered, with an address that is the school's own."""
    cache.clear()
    make_places()
    person = make_person(name=NAME, contacts=(mail("quirina@example.org"),))
    before = shown(visit_of(person), "read_registration")
    actions.report_person(
        source=Source.GROUP,
        name=NAME,
        language="es",
        contacts=[mail("quirina@example.org"), mail("headmaster@example.org")],
        stays=[pin_stay(exact_address="Dormitory 4")],
        by=Actor.unknown(),
        group=make_group(),
    )
    after = shown(visit_of(person), "read_registration")
    for said in ("Dormitory 4", "headmaster@example.org"):
        assert said not in after
    assert before.count("quirina@example.org") == after.count("quirina@example.org")
    sign_in(client, "headmaster@example.org")
    assert client.get(reverse("read_registration"))["Location"] == reverse("sign_in")


@pytest.mark.django_db(transaction=True)
class TestTheWholeRegister:
    def test_leaves_to_nobody_who_was_not_named(self, tmp_path: Path):
        make_person(name=NAME)
        file = tmp_path / "everybody.age"
        with pytest.raises(CommandError, match="--recipient"):
            call_command("export_registrations", str(file), verbosity=0)
        with pytest.raises(CommandError):
            call_command("export_registrations", str(file), "--recipient", "age1nobody")
        assert list(tmp_path.iterdir()) == []

    def test_opens_for_the_one_who_was_and_says_nothing_to_others(self, tmp_path: Path):
        make_person(name=NAME, document_number=DOCUMENT)
        theirs, another = (pyrage.x25519.Identity.generate() for _ in range(2))
        file = tmp_path / "everybody.age"
        recipient = str(theirs.to_public())
        call_command("export_registrations", str(file), "--recipient", recipient, verbosity=0)
        sealed = file.read_bytes()
        assert sealed.startswith(b"age-encryption.org/")
        assert NAME.encode() not in sealed
        assert file.stat().st_mode & 0o077 == 0
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(sealed, [another])
        assert DOCUMENT.replace("-", "") in pyrage.decrypt(sealed, [theirs]).decode().replace(
            "-", ""
        )


def _hex(digests: frozenset[bytes]) -> set[str]:
    return {digest.hex() for digest in digests}
