"""Someone who is registered, and their visit to their own registration."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from geography.models import Place
from registrations.models import Person
from tests.factories.registrations import make_person, make_places
from tests.factories.visits import visit_of


@pytest.fixture(autouse=True)
def world(db: None) -> dict[str, Place]:
    cache.clear()
    return make_places()


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def visit(person: Person) -> Client:
    return visit_of(person)
