"""5. Transfer to third parties.

Nobody's data leaves by itself for an agency, a neighbour or a stranger. What an agency's program
can reach names no person at all, and a message carries one recipient and nobody else's name or
address.
"""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import override_settings

from notifications import engine
from notifications.models import Delivery
from partners.throttling import AgencyThrottle
from registrations.models import ContactPoint, FamilyContact, Person, Stay
from tests.authorization.routes import Route, routes
from tests.authorization.world import make_world
from tests.factories.crises import make_frozen, make_people
from tests.sinks import Sinks


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.authorization.urls")
def test_an_agencys_token_reads_nobody_on_any_route():
    """With everything there is to be read in the database, and the traveller's consent to sharing
    as well: there is no agreement yet under which it could be used."""
    cache.clear()
    callers, objects = make_world()
    agency = callers["agency"]
    words = _everybodys_words()
    assert len(words) > 20
    answered, told = 0, []
    with patch.object(AgencyThrottle, "allow_request", return_value=True):
        for route in _of_the_api():
            for address in (route.address(objects), f"{route.address(objects)}?format=json"):
                response = agency.get(address)
                answered += response.status_code == 200
                body = response.content.decode()
                told += [f"{address}: {word}" for word in words if word in body]
    assert answered > 3
    assert told == []


def _of_the_api() -> list[Route]:
    return [route for route in routes() if route.path.startswith("api/")]


def _everybodys_words() -> set[str]:
    """What would name somebody, or lead to them."""
    people = Person.objects.all()
    words = {person.name for person in people} | {person.reference for person in people}
    words |= {str(person.pk) for person in people}
    words |= {point.address for point in ContactPoint.objects.all()}
    words |= {str(stay.pk) for stay in Stay.objects.all()}
    for contact in FamilyContact.objects.all():
        words |= {contact.name or "", contact.phone or "", contact.mail or ""}
    words |= {str(pk) for pk in Delivery.objects.values_list("pk", flat=True)}
    return {word for word in words if len(word) > 3}


@pytest.mark.django_db(transaction=True)
def test_a_message_names_nobody_but_its_recipient(sinks: Sinks):
    """Five people of one town and one crisis, by mail and by text message."""
    make_people(5)
    make_frozen()
    engine.drain()
    messages = sinks.messages()
    owners = {point.address: point.person_id for point in ContactPoint.objects.order_by("pk")}
    addresses = set(owners)
    assert len(messages) == len(addresses) == 10
    for message in messages:
        assert owners.pop(message["to"]), "written to once"
        everything = str(message)
        assert {address for address in addresses if address in everything} == {message["to"]}
        assert not {"Cc", "Bcc", "Resent-To"} & set(message.get("headers", {}))
    assert owners == {}
