"""3. Data quality.

A register that counts who has long gone sends help to the wrong door. A stay that is over counts
no more; one that nobody has confirmed for a year is shown as such, and not mixed with the rest; the
person puts right what is wrong, and officers read it at once; two people taken for one are two
again, each with their own.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crises.models import Crisis
from registrations.models import Merge, Person, Stay
from tests.factories.accounts import make_officer
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.crisis_pages import signed_in
from tests.factories.likenesses import alike, mail, someone
from tests.factories.registrations import make_places, pin_stay, today
from tests.factories.visits import send, shown, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    cache.clear()
    make_places()


def counted(crisis: Crisis) -> tuple[int, dict[str, int]]:
    """What the officer's page says: people to be written to, and all found by freshness."""
    page = signed_in(crisis.opened_by).get(reverse("preview_audience", args=[crisis.pk]))
    assert page.status_code == 200
    preview = page.context["preview"]
    return preview.people, preview.by_confidence


def test_who_has_left_is_counted_and_warned_no_more():
    staying, leaving = make_people(2)
    crisis = make_crisis()
    assert counted(crisis)[0] == 2
    send(visit_of(leaving), "leave_own_stay", leaving.stays.get().pk)
    # Five days later.
    Stay.objects.filter(person=leaving).update(starts_on=_ago(9), ends_on=_ago(5))
    people, freshness = counted(crisis)
    assert (people, freshness) == (1, {"confirmed": 1})
    notice = make_frozen(crisis)
    assert notice.frozen_people == 1
    assert notice.message is not None
    assert set(notice.message.deliveries.values_list("subject_id", flat=True)) == {staying.pk}


def test_what_nobody_confirmed_for_a_year_is_shown_apart_until_somebody_does():
    person = make_people(1)[0]
    crisis = make_crisis()
    assert counted(crisis)[1] == {"confirmed": 1}
    Stay.objects.filter(person=person).update(confirmed_at=timezone.now() - dt.timedelta(days=400))
    assert counted(crisis)[1] == {"stale": 1}
    page = signed_in(crisis.opened_by).get(reverse("preview_audience", args=[crisis.pk]))
    assert "Not confirmed for a year" in page.content.decode()
    send(visit_of(person), "confirm_own_stay", person.stays.get().pk)
    assert counted(crisis)[1] == {"confirmed": 1}


def test_what_a_person_puts_right_is_what_an_officer_reads(client: Client):
    person = someone(name="Ana Prez")
    visit = visit_of(person)
    send(visit, "change_facts", name="Ana Pérez Ñahui", language="es")
    client.force_login(make_officer())
    record = client.post(reverse("read_record", args=[person.pk]), {"purpose": "assistance"})
    assert "Ana Pérez Ñahui" in record.content.decode()
    assert "Ana Prez" not in record.content.decode()


def test_two_who_were_taken_for_one_are_two_again(client: Client):
    """Each finds in their registration what was theirs, and signs in to nobody else's."""
    one = someone(name="Ana Pérez", contacts=(mail("ana.one@example.org"),), needs=None)
    other, _third = alike(name="Ana Pérez", stays=(pin_stay(exact_address="Calle Xochimilco 7"),))
    officer = make_officer()
    client.force_login(officer)
    pair = [one.pk, other.pk]
    client.post(reverse("merge_people", args=pair), {"keep": str(one.pk), "note": "One person"})
    assert "Calle Xochimilco 7" in shown(visit_of(one), "read_registration")
    client.post(reverse("undo_merge", args=[Merge.objects.get().pk]))
    assert "Calle Xochimilco 7" not in shown(visit_of(one), "read_registration")
    theirs = shown(visit_of(other), "read_registration")
    assert "Calle Xochimilco 7" in theirs
    assert "ana.one@example.org" not in theirs
    assert Person.objects.filter(merged_into__isnull=False).count() == 0


def _ago(days: int) -> dt.date:
    return today() - dt.timedelta(days=days)
