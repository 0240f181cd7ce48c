"""10. Application of the principles.

They hold for everybody and everywhere, not for those tables and pages that somebody thought of:
each table says what it is and whom it is about, each kind of person finds themselves in the notice,
and no page shows somebody to whom nobody owes it.
"""

from __future__ import annotations

from html import unescape

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from oversight.foreign_tables import ABOUT_NOBODY
from oversight.privacy_notice import READERS
from privacy.declarations import declared_models, is_declared, undeclared_fields
from privacy.processing import DataSubject
from registrations.models import Companion, ContactPoint, FamilyContact, Person
from tests.authorization.routes import routes
from tests.authorization.table import PAGE, read_table
from tests.authorization.world import make_world

# Django's own list of what was done to the tables.
WITHOUT_MODEL = {"django_migrations"}
# Whoever answers for none of the people of that world.
NOBODYS_PEOPLE = ("anonymous", "wrong post", "data protection officer")


@pytest.mark.django_db
def test_each_table_is_declared_or_known_to_be_about_nobody():
    """From the database's side: a table that no model of today knows is found as well."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    known = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if is_declared(model) or model._meta.label in ABOUT_NOBODY
    }
    # A table between two declared models holds their identifiers and nothing else.
    known |= {
        field.m2m_db_table()
        for declared in declared_models()
        for field in declared.model._meta.many_to_many
    }
    assert tables - known - WITHOUT_MODEL == set()
    assert undeclared_fields() == []


@pytest.mark.django_db
def test_everybody_of_whom_something_is_kept_finds_themselves_in_the_notice(client):
    response = client.get(reverse("read_privacy_notice"), {"language": "en"})
    page = unescape(response.content.decode())
    addressed = {subject for reader in READERS for subject in reader.subjects}
    about = {subject for declared in declared_models() for subject in declared.about or ()}
    assert about - addressed <= {DataSubject.AGENCY}, "of whom only a program is kept"
    for reader in READERS:
        start = page.index(f'id="{reader.anchor}"')
        section = page[start : page.index("</details>", start)]
        for activity in reader.activities:
            assert str(activity.purpose) in section
            for table in activity.tables:
                assert table.name.lower() in section.lower(), (reader.anchor, table.name)


@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.authorization.urls")
def test_no_page_of_all_shows_somebody_to_whoever_may_not_see_them():
    cache.clear()
    callers, objects = make_world()
    words = _words_of_people()
    assert len(words) > 15
    opened, shown = 0, []
    for route in routes():
        # The demo shows its own invented people to everybody: it runs nowhere else.
        if route.path.startswith("demo/") or not route.takes("get"):
            continue
        address = route.address(objects)
        for caller in NOBODYS_PEOPLE:
            response = callers[caller].get(address)
            opened += response.status_code == 200
            body = "" if response.streaming else response.content.decode(errors="replace")
            shown += [f"{caller}: /{route.path}: {word}" for word in words if word in body]
    assert opened > 60
    assert shown == []


def test_each_route_says_who_may_open_it():
    table = read_table(PAGE.read_text(encoding="utf-8"))
    with override_settings(ROOT_URLCONF="tests.authorization.urls"):
        assert {route.path for route in routes()} ^ set(table) == set()


def _words_of_people() -> set[str]:
    """Names and addresses of everybody, companions and family contacts included."""
    words = {person.name for person in Person.objects.all()}
    words |= {point.address for point in ContactPoint.objects.all()}
    words |= {companion.name for companion in Companion.objects.all()}
    for contact in FamilyContact.objects.all():
        words |= {contact.name or "", contact.phone or "", contact.mail or ""}
    # A first name of three letters stands in other words.
    return {word for word in words if len(word) > 4}
