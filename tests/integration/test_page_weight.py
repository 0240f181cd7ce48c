"""Every page that a traveller meets is light, and names no other host.

The pages are found by following every link in every state of a visit, and held against the routes
themselves: a page that nothing here opens fails the test, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.exceptions import Resolver404
from django.utils import timezone

from audit.actors import Actor
from crises.proofs import PURPOSE as PROOF
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.links import token_for
from notifications.models import Delivery
from notifications.templates import TextOf
from registrations.actions import check_upload, report_person
from registrations.answers import ContactAnswer
from registrations.consent_texts import CRISIS_FORM, current_text
from registrations.enums import Source
from registrations.family import FAMILY
from registrations.groups.links import token_of as group_token
from registrations.invitations import INVITATION
from registrations.models import Consent, Person, Upload
from registrations.reminders import REMINDER
from tests.factories import crisis_forms, journey
from tests.factories.advice import make_advice
from tests.factories.crises import make_crisis, make_frozen, token_of
from tests.factories.groups import csv_of, make_group
from tests.factories.registrations import make_person, make_places, pin_stay
from tests.weighing import References, weigh

pytestmark = pytest.mark.django_db

HEAVIEST = 100_000
HEAVIEST_BEHIND_A_LINK = 30_000
# A visitor, and an address that they are led to without clicking.
Visit = tuple[Client, str]
# No pages of travellers: officers' accounts, programs, and what carries no page.
NOT_THEIRS = (
    "accounts/", "api/", "channels/", "demo/", "health/", "language/", "metrics", "places/",
)  # fmt: skip
# Where a form is sent, and whoever only looks is led back to the page that holds it.
LEADS_ON = {"upload_people"}
_DUMMIES = {"uuid": str(uuid4()), "int": "1", "str": "x" * 43, "country": "NP", "file_form": "csv"}


def routes(found: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (found or get_resolver()).url_patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif not route.startswith(NOT_THEIRS):
            yield route, entry


def example_of(route: str) -> str:
    """An address on the route that names nothing that exists."""
    parts = route.split("<")
    filled = [parts[0]]
    for part in parts[1:]:
        argument, _, rest = part.partition(">")
        filled.append(_DUMMIES[argument.partition(":")[0] if ":" in argument else "str"] + rest)
    return "/" + "".join(filled)


def view_at(path: str) -> object:
    """The view that answers there: two routes to one view are one page."""
    function = resolve(path).func
    return getattr(function, "view_class", function)


def _shows_a_page(view: object) -> bool:
    return hasattr(view, "get") and "get" in getattr(view, "http_method_names", ["get"])


@pytest.fixture(scope="module")
def pages(django_db_setup, django_db_blocker) -> dict[str, str]:
    """Every page that can be reached: its path and its HTML, "" for a file to download.

    Gathered once, then undone.
    """
    cache.clear()
    found: dict[str, str] = {}
    with django_db_blocker.unblock(), transaction.atomic():
        make_places()
        make_advice("NP")
        for visit, path in _visits():
            _follow(visit, path, found)
        for path in _linked():
            html = _html(Client(), path)
            if html:
                found[path] = html
        transaction.set_rollback(True)
    return found


def _follow(client: Client, beginning: str, found: dict[str, str]) -> None:
    """Open everything that a visitor in this state can reach by clicking, and read it."""
    waiting, seen = _without_arguments() | {beginning}, set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        html = _html(client, path)
        if html is None:
            continue
        # The heaviest state of a page counts.
        found[path] = max(found.get(path, ""), html, key=len)
        waiting |= {
            urlsplit(urljoin(path, one)).path
            for one in References(html).followed
            if not urlsplit(one).scheme and not one.startswith("/static/")
        }


def _without_arguments() -> set[str]:
    return {f"/{route}" for route, _ in routes() if "<" not in route}


def _html(client: Client, path: str) -> str | None:
    """The page at the path; None where this visit gets none there."""
    try:
        resolve(path)
    except Resolver404:
        return None
    if path.lstrip("/").startswith(NOT_THEIRS):
        return None
    response = client.get(path)
    if response.status_code != 200:
        return None
    return response.content.decode() if "text/html" in response["Content-Type"] else ""


def _visits() -> Iterator[Visit]:
    """A visitor in each state that opens other pages."""
    yield Client(), "/"
    visit = Client()
    steps: list[Callable[[], object]] = [
        lambda: journey.send(visit, "enter_name", journey.WHO, then="confirm_code"),
        lambda: journey.send(
            visit, "confirm_code", {"code_mail": journey.newest_code()}, then="add_stay"
        ),
        lambda: journey.send(visit, "add_stay", journey.stay(), then="enter_people"),
        lambda: _name_people(visit),
        lambda: journey.send(visit, "give_consents", CONSENTS, then="check_answers"),
        lambda: journey.send(visit, "check_answers", {}, then="show_done"),
        lambda: visit.post(reverse("add_contact"), {"contact": "new@example.org"}),
        # As if agreed to in a crisis, in fewer words: the whole text is asked about.
        lambda: Consent.objects.update(text_version=current_text(CRISIS_FORM).version),
    ]
    for step in steps:
        step()
        yield visit, "/"
    yield from _proving_again()
    yield from _signing_in()
    yield from _organising()
    yield from _in_a_crisis()


def _organising() -> Iterator[Visit]:
    """Who organises a group: naming it, at the code, with its page, and with a list in it."""
    cache.clear()
    visit = Client()
    group = {"kind": "school", "group_name": "Liceo", "name": "Eva", "language": "es"}
    journey.send(visit, "register_group", group | {"mail": "eva@example.org"}, "add_group_stay")
    yield visit, "/"
    journey.send(visit, "add_group_stay", journey.stay(), then="confirm_organiser")
    yield visit, "/"
    response = visit.post(reverse("confirm_organiser"), {"code": journey.newest_code()})
    rows = [["Sol", "sol@example.org"], ["Mar", "no address"]]
    people = SimpleUploadedFile("people.csv", csv_of(rows))
    uploaded = visit.post(f"{response['Location']}lists/", {"file": people})
    yield visit, response["Location"]
    yield visit, uploaded["Location"]
    check_upload(upload_id=Upload.objects.get().pk)
    yield visit, uploaded["Location"]


def _in_a_crisis() -> Iterator[Visit]:
    """A crisis that people have been told of: its two forms, and what follows each."""
    cache.clear()
    crisis = crisis_forms.make_known_crisis()
    visit = Client()
    yield visit, "/"
    yield visit, crisis_forms.register(visit, crisis)["Location"]
    yield visit, crisis_forms.report(visit, crisis)["Location"]


CONSENTS = {"crisis_contact": "on", "advice": "on"}


def _name_people(visit: Client) -> None:
    child = {"name": "Sol Pérez", "birth_date": "2020-03-31", "consent": "guardian"}
    family = {"name": "Luz Pérez", "phone": "+34911234567", "language": "es"}
    journey.send(visit, "add_companion", child, then="enter_people")
    journey.send(visit, "add_family", family, then="enter_people")
    journey.send(visit, "enter_people", {}, then="give_consents")


def _proving_again() -> Iterator[Visit]:
    """Someone registers with an address that is registered."""
    cache.clear()
    visit = Client()
    journey.send(visit, "enter_name", journey.WHO, then="confirm_code")
    response = visit.post(reverse("confirm_code"), {"code_mail": journey.newest_code()})
    yield visit, response["Location"]


def _signing_in() -> Iterator[Visit]:
    """Someone with one registration, with several, and with none; each at the code and after."""
    for name in ("Ana Pérez", "Luis Pérez"):
        yield from _proving(journey.WHO["mail"])
        make_person(name=name)
    yield from _proving("ana@example.org")
    yield from _proving("nobody@example.org")


def _proving(address: str) -> Iterator[Visit]:
    cache.clear()
    visit = Client()
    visit.post(reverse("sign_in"), {"contact": address})
    yield visit, "/"
    visit.post(reverse("confirm_sign_in"), {"code": journey.newest_code()})
    yield visit, "/"


def _linked() -> Iterator[str]:
    """The pages behind the links of messages, each with a token of every kind of message."""
    tokens = list(_tokens())
    for route, _ in routes():
        if "token>" in route:
            start, end = route.split("<str:token>")
            yield from (f"/{start}{token}{end}" for token in tokens)


def _tokens() -> Iterator[str]:
    group = make_group()
    yield group_token(group)
    reported = report_person(
        source=Source.GROUP,
        name="Sol",
        language="es",
        contacts=[ContactAnswer("mail", "sol@example.org")],
        stays=[pin_stay()],
        by=Actor.system("tests"),
        group=group,
    )
    yield _token(INVITATION, reported.contact_points.get().pk, reported)
    person = make_person(consents=frozenset({"crisis_contact", "advice"}))
    stay, contact = person.stays.get(), person.family_contacts.get()
    notice = make_frozen(make_crisis())
    yield token_of(notice, person)
    yield _token(REMINDER, stay.pk, person)
    yield _token(FAMILY, contact.pk, person)
    crisis_forms.register(Client(), notice.crisis)
    yield token_for(Delivery.objects.filter(message__purpose=PROOF).latest("created_at").pk)


def _token(purpose: str, recipient_id: UUID, person: Person) -> str:
    delivery = queue_one(
        purpose=purpose,
        lane=Lane.ADVICE,
        recipient_id=recipient_id,
        subject_id=person.pk,
        channel="mail",
        language="es",
        texts=[TextOf("es", "s", "{link}")],
        expires_at=timezone.now() + dt.timedelta(days=1),
    ).deliveries.get()
    return token_for(delivery.pk)


def test_every_page_is_light_and_names_no_other_host(pages):
    heavy, elsewhere = {}, {}
    for path, html in pages.items():
        weight = weigh(html, path)
        is_linked = "token" in resolve(path).kwargs
        if weight.total >= (HEAVIEST_BEHIND_A_LINK if is_linked else HEAVIEST):
            heavy[path] = weight.total
        others = {one for one in weight.elsewhere if not one.startswith(settings.PORTAL_URL)}
        if others:
            elsewhere[path] = others
    assert heavy == {}
    assert elsewhere == {}


def test_no_page_is_forgotten(pages):
    opened = {view_at(path) for path in pages}
    assert len(opened) > 20
    forgotten = []
    for route, entry in routes():
        path = example_of(route)
        if view_at(path) in opened or entry.name in LEADS_ON:
            continue
        response = Client().get(path)
        asks_for_staff = response.status_code == 302 and "/accounts/login/" in response["Location"]
        if not asks_for_staff and _shows_a_page(view_at(path)):
            forgotten.append(f"{route}: {response.status_code}")
    assert forgotten == []
