"""The rehearsal's people go through the forms as they are: one that changes is noticed here."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from crises.alert_files import read_alert
from crises.enums import NoticeState
from crises.models import Crisis, Notice
from geography.models import Place
from micic_portal.demo import officers, travellers
from micic_portal.demo.inbox import Arrived, DemoSinks
from micic_portal.demo.population import SyntheticCitizen, SyntheticStay
from micic_portal.demo.staff import ensure_demo_staff
from micic_portal.demo.visitor import Visitor
from registrations.codes import code_of
from registrations.models import OPEN_END, Challenge, Person
from tests.factories.accounts import make_coordinator
from tests.factories.crises import make_crisis
from tests.factories.crisis_pages import ALERTS
from tests.factories.registrations import make_person, make_places, pin_stay, today

pytestmark = pytest.mark.django_db(transaction=True)


class CodesAtOnce(DemoSinks):
    """Has every code the moment it is asked for, without a worker that sends it."""

    def messages(self, *, to: str = "", **_asked: Any) -> list[Arrived]:
        try:
            challenge = Challenge.objects.filter(channel="mail" if "@" in to else "sms").latest(
                "created_at"
            )
            body = code_of(challenge.pk)
        finally:
            connection.close()  # The visitor asks in a thread.
        return [Arrived("", challenge.channel, to, "", "", body, timezone.now())]


def citizen(place: Place, **changes: Any) -> SyntheticCitizen:
    staying = SyntheticStay(place, today(), today() + dt.timedelta(days=9))
    given: dict[str, Any] = {
        "name": "Ana Pérez",
        "language": "es",
        "mail": "ana@example.org",
        "phone": "+34600123456",
        "stays": (staying,),
        "family_name": None,
        "family_phone": None,
        "gives_advice_consent": False,
    }
    return SyntheticCitizen(**(given | changes))


def test_a_visitor_registers_through_every_page(live_server):
    cache.clear()
    place = make_places()["Kathmandu NP"]
    trip = SyntheticStay(place, today(), today() + dt.timedelta(days=3))
    home = SyntheticStay(place, today() + dt.timedelta(days=4), None)
    whoever = citizen(
        place, stays=(trip, home), family_name="Eva Pérez", family_phone="+34600123457"
    )
    asyncio.run(travellers.register_by_hand(live_server.url, CodesAtOnce(""), whoever))
    person = Person.objects.get()
    ends = person.stays.order_by("starts_on").values_list("ends_on", flat=True)
    assert list(ends) == [trip.ends_on, OPEN_END]
    assert sorted(person.contact_points.values_list("channel", flat=True)) == ["mail", "sms"]
    assert person.family_contacts.count() == 1


def test_officers_open_write_and_approve(live_server, monkeypatch):
    cache.clear()
    monkeypatch.setattr("crises.tasks.freeze_notice.apply_async", lambda args, retry: None)
    make_places()
    ensure_demo_staff()
    in_chiapas = pin_stay(16.75, -93.12, country="MX", time_zone="America/Mexico_City")
    make_person(stays=[in_chiapas])
    # As in a demo: a crisis is open from this very file.
    alert = read_alert((ALERTS / "mexico.xml").read_bytes())
    make_crisis(make_coordinator(), area=alert.area(), source="file", alert=alert.facts())

    async def go() -> None:
        async with Visitor(live_server.url, "es") as author, Visitor(live_server.url, "en") as two:
            await officers.sign_in(author, "ana@mexico.example")
            submitted = await officers.submit_notice(author, ALERTS / "mexico.xml")
            await officers.must_not_approve(author, submitted)
            await officers.sign_in(two, "clara@capital.example")
            await officers.approve(two, submitted)

    asyncio.run(go())
    assert Crisis.objects.count() == 2
    assert Notice.objects.get().state == NoticeState.APPROVED
