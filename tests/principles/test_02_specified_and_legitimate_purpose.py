"""2. Specified and legitimate purpose.

Each reading and writing names one of a closed list of purposes, and none of them is control of
borders, of taxes or of opinions. What was given for one purpose serves no other, and what no
purpose here needs (immigration status, religion, ethnicity, a face or a finger) has no place to be
written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db.models import Model
from django.forms import BaseForm
from django.urls import reverse

from audit.ledger import entries_about, record
from audit.models import Entry
from audit.purposes import Purpose
from crises import actions as crisis_actions
from crises.enums import ReadingReason
from privacy.declarations import our_models
from registrations.models import Person
from registrations.spreadsheets.columns import COLUMNS
from tests.factories.accounts import make_officer
from tests.factories.crises import make_frozen
from tests.factories.crisis_pages import signed_in
from tests.factories.registrations import make_person
from tests.factories.visits import send, shown, visit_of
from tests.principles.stored import tables_that_say

pytestmark = pytest.mark.django_db

NEVER = re.compile(
    r"immigra|visa|residence_?permit|legal_status|religi|faith|creed|ethni|race$|racial|tribe"
    r"|biometr|fingerprint|iris|face|photo|portrait|dna|political|party|union|sexual|criminal",
    re.IGNORECASE,
)


@pytest.fixture
def person() -> Person:
    cache.clear()
    return make_person(
        needs="Insulin twice a day",
        gender="female",
        home_region="Oaxaca",
        consents=frozenset({"crisis_contact", "needs", "statistics"}),
    )


@pytest.mark.parametrize("purpose", ["", "border_control", "immigration", "curiosity"])
def test_a_record_opens_for_no_purpose_that_is_not_listed(client, person, purpose):
    officer = make_officer()
    client.force_login(officer)
    address = reverse("read_record", args=[person.pk])
    page = client.post(address, {"purpose": purpose, "note": "For a colleague"})
    assert person.name not in page.content.decode()
    # Nor from inside, whoever calls: the reading is undone with its entry.
    with pytest.raises(ValueError, match="is not a valid Purpose"):
        record(action="person.read", by=officer, purpose=purpose, subjects=[person.pk])
    assert not Entry.objects.filter(action="person.read").exists()
    client.post(address, {"purpose": "family"})
    assert entries_about(person.pk).get(action="person.read").purpose == Purpose.FAMILY


def test_what_was_given_for_a_crisis_is_not_read_at_the_desk(person):
    notice = make_frozen()
    officer = notice.author
    desk = signed_in(officer)
    at_desk = desk.post(reverse("read_record", args=[person.pk]), {"purpose": "assistance"})
    assert person.name in at_desk.content.decode()
    assert "Insulin" not in at_desk.content.decode()
    in_crisis = desk.post(
        reverse("read_person", args=[notice.crisis_id, person.pk]),
        {"reason": ReadingReason.values[0]},
    )
    assert "Insulin" in in_crisis.content.decode()
    crisis_actions.close_crisis(crisis=notice.crisis, by=officer)
    afterwards = desk.post(
        reverse("read_person", args=[notice.crisis_id, person.pk]),
        {"reason": ReadingReason.values[0]},
    )
    assert "Insulin" not in afterwards.content.decode()


def test_what_was_given_for_statistics_is_read_by_no_officer(person):
    notice = make_frozen()
    desk = signed_in(notice.author)
    pages = [
        desk.post(reverse("read_record", args=[person.pk]), {"purpose": "assistance"}),
        desk.post(
            reverse("read_person", args=[notice.crisis_id, person.pk]),
            {"reason": ReadingReason.values[0]},
        ),
    ]
    for page in pages:
        assert person.name in page.content.decode()
        assert "Oaxaca" not in page.content.decode()
        assert "Female" not in page.content.decode()
    assert "Oaxaca" in shown(visit_of(person), "read_registration")


def test_what_no_purpose_needs_has_no_place_to_be_written_in():
    named = [f"{model._meta.label}.{name}" for model in our_models() for name in _names(model)]
    asked = [f"{form.__qualname__}.{name}" for form in _forms() for name in _asked(form)]
    listed = [f"a list's column.{column.key}" for column in COLUMNS]
    assert len(named) > 100
    assert len(asked) > 50
    found = [one for one in (*named, *asked, *listed) if NEVER.search(one.rpartition(".")[2])]
    assert found == []


def test_what_somebody_sends_beside_the_questions_is_kept_nowhere(person):
    visit = visit_of(person)
    beside = {"religion": "Zoroastrian", "visa": "OVERSTAYED-77", "race": "Otomí-Ñuhu"}
    send(visit, "change_facts", name="Ana Pérez Ruiz", language="es", **beside)
    assert "Ana Pérez Ruiz" in shown(visit, "read_registration")
    copy = visit.get(reverse("download_data")).content.decode()
    assert [word for word in beside.values() if word in copy] == []
    assert tables_that_say(beside.values()) == {}


def _names(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.get_fields()]


def _asked(form: type[BaseForm]) -> list[str]:
    return list(getattr(form, "base_fields", {}))


def _forms(form: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    """Every form of ours: whatever asks somebody something."""
    import_module(settings.ROOT_URLCONF)
    for one in form.__subclasses__():
        if is_ours_by_name(one.__module__):
            yield one
        yield from _forms(one)


def is_ours_by_name(module: str) -> bool:
    return module.partition(".")[0] in {model._meta.app_label for model in our_models()}
