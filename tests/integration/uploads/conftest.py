"""A group, and the visit of its organiser."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from geography.models import Place
from registrations.models import Group
from tests.factories.groups import make_group
from tests.factories.registrations import make_places
from tests.integration.test_groups import organiser_of


@pytest.fixture(autouse=True)
def world(db: None) -> dict[str, Place]:
    cache.clear()
    return make_places()


@pytest.fixture
def group() -> Group:
    return make_group()


@pytest.fixture
def client(group: Group) -> Client:
    return organiser_of(group)
