"""4. Consent.

One consent for each purpose, off until it is chosen, taken back as easily as given. It is asked for
where data is used and at that moment: who takes it back while a warning goes out is not written to
any more. A newer text asks again and meanwhile leaves nobody unwarned.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from notifications import engine
from notifications.engine import claims
from notifications.models import Delivery
from registrations.models import Consent, Person
from tests.factories import journey
from tests.factories.crises import make_frozen, make_people
from tests.factories.registrations import make_person, make_places
from tests.factories.visits import send, shown, visit_of
from tests.sinks import Sinks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def world() -> None:
    cache.clear()
    make_places()


def test_nothing_is_agreed_to_that_was_not_chosen(client: Client):
    journey.prove(client)
    journey.send(client, "add_stay", journey.stay(), then="enter_people")
    journey.send(client, "enter_people", {}, then="give_consents")
    assert "checked" not in journey.page(client, "give_consents")
    journey.register(client)
    assert [consent.purpose for consent in Consent.objects.all()] == ["crisis_contact"]


@pytest.mark.parametrize("cancels", [True, False])
def test_taken_back_while_a_warning_goes_out_it_holds_at_the_next_claim(
    cancels: bool, sinks: Sinks, monkeypatch: pytest.MonkeyPatch
):
    """Two letters have gone when whoever waits presses "stop". What waits is cancelled at once;
    and where it were not, the next claim asks once more."""
    if not cancels:
        monkeypatch.setattr("registrations.actions.consenting.MESSAGES_UNDER", {})
    people = make_people(4, language="es")
    notice = make_frozen()
    assert notice.message is not None
    mails = notice.message.deliveries.filter(channel="mail")
    notice.message.deliveries.exclude(channel="mail").delete()
    take, calls = claims.claim, []

    def two_at_a_time(owner: str, size: int, **more: object) -> list[Delivery]:
        calls.append(owner)
        if len(calls) == 2:
            for row in mails.filter(state="queued"):
                visit = visit_of(Person.objects.get(pk=str(row.subject_id)))
                send(visit, "stop_consent", then="read_consents", purpose="crisis_contact")
        return take(owner, 2)

    monkeypatch.setattr(claims, "claim", two_at_a_time)
    assert engine.drain() == 2
    arrived = {message["to"] for message in sinks.messages()}
    assert len(arrived) == 2
    stopped = Person.objects.exclude(pk__in=Person.objects.with_consent("crisis_contact"))
    assert stopped.count() == 2
    assert not arrived & {person.contact_points.get(channel="mail").address for person in stopped}
    assert len(people) == 4


def test_a_newer_text_asks_again_and_leaves_nobody_unwarned(sinks: Sinks):
    person = make_people(1)[0]
    person.consents.update(text_version="2020-01-01")
    assert "has changed" in shown(visit_of(person), "read_registration")
    make_frozen()
    engine.drain()
    assert {message["channel"] for message in sinks.messages()} == {"mail", "sms"}


def test_needs_go_with_the_consent_that_let_us_keep_them():
    person = make_person(
        needs="Insulin twice a day", consents=frozenset({"crisis_contact", "needs"})
    )
    visit = visit_of(person)
    assert "Insulin" in shown(visit, "read_registration")
    send(visit, "stop_consent", then="read_consents", purpose="needs")
    send(visit, "give_consent", then="read_consents", purpose="needs")
    assert "Insulin" not in shown(visit, "read_registration")
    person.refresh_from_db()
    assert person.needs is None
