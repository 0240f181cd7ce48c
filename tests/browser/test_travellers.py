"""Whole journeys on a small phone, in Spanish and Arabic, with and without JavaScript, against a
real worker, mail server and SMS gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit.actors import Actor
from notifications.actions import queue_one
from notifications.enums import Lane
from notifications.templates import TextOf
from registrations.actions import tell_families
from registrations.models import Companion, FamilyContact, Person
from registrations.reminders import REMINDER
from tests.browser.visiting import WIDTH, Traveller, link_in, message_to
from tests.factories.advice import make_advice
from tests.factories.crises import make_crisis, make_frozen, make_people
from tests.factories.registrations import make_places
from tests.processes import process
from tests.sinks import Sinks

# One worker of the portal and one browser serve all of them.
pytestmark = pytest.mark.django_db(transaction=True)

_WORKER = """
import os
from micic_portal.celery import app
app.worker_main(["worker", "--beat", "--schedule", os.environ["SCHEDULE"], "--concurrency", "2",
                 "--loglevel", "WARNING", "--without-mingle", "--without-gossip",
                 "--without-heartbeat"])
"""
Arrive = Callable[..., Traveller]


@pytest.fixture(scope="module")
def worker(django_db_setup, django_db_blocker, live_server, sinks_process, tmp_path_factory):
    schedule = str(tmp_path_factory.mktemp("beat") / "schedule")
    variables = {"PORTAL_URL": live_server.url, "SCHEDULE": schedule}
    with django_db_blocker.unblock(), process(_WORKER, sinks_process, **variables) as running:
        yield running


@pytest.fixture
def arrive(worker, open_page, sinks: Sinks, settings, live_server) -> Iterator[Arrive]:
    """`arrive("ar", javascript=False)`: a visitor of their own, with a phone 360 pixels wide."""
    cache.clear()
    make_places()
    settings.PORTAL_URL = live_server.url

    typed: set[str] = set()

    def _arrive(locale: str = "es", *, javascript: bool = True) -> Traveller:
        def window() -> Page:
            return open_page(locale=locale, width=WIDTH)

        page = open_page(locale=locale, width=WIDTH, javascript=javascript)
        return Traveller(page, sinks, elsewhere=None if javascript else window, typed=typed)

    yield _arrive
    assert worker.poll() is None


def say_who(visit: Traveller, mail: str = "ana@example.org", **more: str) -> Traveller:
    """From the start page to a proved address."""
    visit.open("/").follow("/register/who/")
    visit.fill(name="Ana Pérez", mail=mail, **more).go_on(to="/register/code/")
    return visit.type_code(mail, to="/register/where/")


def agree_and_send(visit: Traveller, *more: str) -> Person:
    visit.tick("crisis_contact", *more).go_on(to="/register/check/")
    visit.go_on("main form .actions button", to="/register/done/")
    person = Person.objects.latest("created_at")
    expect(visit.page.locator("main")).to_contain_text(person.reference)
    return person


def register(visit: Traveller, *consents: str) -> Person:
    """The shortest way."""
    say_who(visit).say_where("Kathmandu").go_on(to="/register/people/")
    visit.go_on(to="/register/consents/")
    return agree_and_send(visit, *consents)


@pytest.mark.parametrize(("locale", "javascript"), [("es", True), ("ar", False)])
def test_a_trip_with_a_child_a_contact_at_home_and_needs(arrive: Arrive, locale, javascript):
    visit = say_who(arrive(locale, javascript=javascript))
    expect(visit.page.locator("html")).to_have_attribute("lang", locale)
    visit.say_where("Kathmandu", last=5).go_on("main button[value=another]")
    visit.say_where("Suva", first=6, last=20).go_on(to="/register/people/")
    visit.follow("/register/people/companions/")
    visit.fill(name="Sol Pérez", birth_date="2020-03-31").choose(consent="guardian")
    visit.go_on(to="/register/people/")
    visit.fill(name="Luz Pérez", relationship="madre", phone="+34 600 555 111")
    visit.go_on(to="/register/consents/")
    visit.fill(needs_text="Silla de ruedas")
    person = agree_and_send(visit, "tell_family", "needs")
    visit.check_with_axe()
    assert sorted(person.stays.values_list("country", flat=True)) == ["FJ", "NP"]
    assert Companion.objects.get(person=person).name == "Sol Pérez"
    assert (person.needs, person.language) == ("Silla de ruedas", locale)
    # She is told by text message, in words and not in a link alone.
    tell_families(by=Actor.system("tests"))
    assert "Ana" in message_to(visit.sinks, "+34600555111", "/listed/")


@pytest.mark.parametrize(
    ("locale", "javascript", "kind"), [("es", False, "residence"), ("ar", True, "voyage")]
)
def test_living_there_and_at_sea(arrive: Arrive, locale, javascript, kind):
    visit = say_who(arrive(locale, javascript=javascript)).choose(kind=kind)
    if kind == "voyage":
        visit.fill(ship="Doña Elvira").say_where("Suva").go_on("main button[value=another]")
        visit.choose(kind=kind).fill(ship="Doña Elvira").say_where("Santiago", first=10, last=12)
    else:
        # Two towns bear the name: each is offered, nothing typed is lost.
        visit.say_where("Paris", last=0).go_on()
        visit.page.locator("main [name=place_id][type=radio]").first.check()
    visit.go_on(to="/register/people/").go_on(to="/register/consents/")
    person = agree_and_send(visit)
    visit.check_with_axe()
    stays = list(person.stays.all())
    assert {stay.kind for stay in stays} == {kind}
    if kind == "voyage":
        assert [stay.aboard_or_with for stay in stays] == ["Doña Elvira"] * 2
    else:
        assert stays[0].is_open_ended


def test_saved_come_back_to_and_kept_up_to_date(arrive: Arrive):
    """Stops half-way, comes back by code on another phone, and later moves to a new address."""
    first = say_who(arrive()).say_where("Kathmandu").go_on(to="/register/people/")
    first.fill(name="Luz Pérez", mail="luz@example.org").go_on("main button[value=later]")
    expect(first.page.locator(".panel--done")).to_be_visible()

    phone = arrive("es", javascript=False)
    phone.open("/sign-in/").fill(contact="ana@example.org").go_on(to="/sign-in/code/")
    # What stood on the page when it was saved is kept too.
    phone.type_code("ana@example.org", "code", to="/register/consents/")
    person = agree_and_send(phone, "advice")
    assert person.family_contacts.get().mail == "luz@example.org"

    later = arrive("ar")
    later.open("/sign-in/").fill(contact="ana@example.org").go_on(to="/sign-in/code/")
    later.type_code("ana@example.org", "code", to="/register/mine/")
    contact = person.contact_points.get()
    later.open(f"/register/mine/contacts/{contact.pk}/").follow(
        f"/register/mine/contacts/{contact.pk}/new/"
    )
    later.fill(contact="new@example.org").go_on(to="/register/mine/contacts/code/")
    later.type_code("new@example.org", "code", to="/register/mine/")
    kept = person.contact_points.get(replaced_at__isnull=True)
    assert kept.address == "new@example.org"
    message_to(later.sinks, "ana@example.org", r"(?s)^(?!.*\b\d{6}\b)")


def test_a_contact_at_home_objects_and_mail_is_stopped(arrive: Arrive):
    visit = say_who(arrive()).say_where("Kathmandu").go_on(to="/register/people/")
    visit.fill(name="Luz Pérez", mail="luz@example.org").go_on(to="/register/consents/")
    person = agree_and_send(visit, "advice")
    tell_families(by=Actor.system("tests"))
    told = message_to(visit.sinks, "luz@example.org", "/listed/")

    luz = arrive("ar")
    luz.open(link_in(told, "/listed/"))
    assert not FamilyContact.objects.filter(objected_at__isnull=False).exists()
    luz.go_on("main form button")
    expect(luz.page.locator(".panel--done")).to_be_visible()
    assert not FamilyContact.objects.filter(objected_at__isnull=True).exists()

    queue_one(
        purpose=REMINDER,
        lane=Lane.ADVICE,
        recipient_id=person.stays.get().pk,
        subject_id=person.pk,
        channel="mail",
        language="es",
        texts=[TextOf("es", "Su estancia", "{link}\n{stop}")],
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    reminder = message_to(visit.sinks, "ana@example.org", "/stop/")
    ana = arrive("es", javascript=False).open(link_in(reminder, "/stop/"))
    person.refresh_from_db()
    assert person.reminders_stopped_at is None, "opening a link stops nothing"
    ana.go_on("main form button").check_with_axe()
    person.refresh_from_db()
    assert person.reminders_stopped_at


def test_from_advice_to_registering_in_an_open_crisis(arrive: Arrive):
    """Reads the advice for a country, sees that a crisis is open there, and registers at once."""
    make_advice("NP")
    make_people(1)
    crisis = make_frozen(make_crisis()).crisis
    visit = arrive("ar")
    visit.open("/advice/").open("/advice/NP/")
    visit.follow("/register/who/").open("/").follow(f"/crisis/{crisis.pk}/register/")
    visit.fill(name="Ana Pérez", mobile="+34 600 123 456", note="Hotel Sol")
    visit.choose(wellbeing="need_help").tick("agrees").go_on("main form button[type=submit]")
    visit.page.wait_for_url("**/registered/**")
    assert Person.objects.filter(source="crisis").count() == 1
    asked = message_to(visit.sinks, "+34600123456", "/p/")
    proof = arrive("es", javascript=False).open(link_in(asked, "/p/"))
    proof.go_on("main form button").check_with_axe()

    home = arrive("es")
    home.open(f"/crisis/{crisis.pk}/relative/")
    home.fill(name="Luis Pérez", own_name="Luz Pérez", own_mail="luz@example.org")
    home.fill(relationship="madre").go_on("main form button[type=submit]", to="/reported/")
    assert Person.objects.filter(source="relative").count() == 1


_LIST = """Full name,Email address
Sol Pérez,sol@example.org
Mar,not an address
=HYPERLINK("http://x.example"),mar@example.org
"""


def test_a_group_sends_a_list_and_one_of_it_joins_by_the_link(arrive: Arrive, tmp_path):
    school = arrive("es")
    school.open("/groups/").open("/groups/new/")
    school.choose(kind="school").fill(group_name="Liceo Sol", name="Eva Rojas")
    school.fill(mail="eva@example.org").go_on(to="/groups/new/where/")
    school.say_where("Kathmandu").go_on(to="/groups/code/")
    school.type_code("eva@example.org", "code", to="/groups/")
    link = school.page.locator("main a.long-link").get_attribute("href")
    people = tmp_path / "people.csv"
    people.write_text(_LIST, encoding="utf-8")
    school.page.set_input_files("main [name=file]", people)
    school.go_on("main form[enctype] button", to="/lists/")
    # The page follows the work until every row is checked.
    expect(school.page.locator("main button[value=take]")).to_be_visible(timeout=30_000)
    school.check_with_axe()
    school.page.locator("main button[value=take]").click()
    expect(school.page.locator(".panel--done")).to_be_visible(timeout=30_000)
    assert message_to(school.sinks, "sol@example.org", "/i/")

    assert link is not None
    pupil = arrive("ar")
    pupil.open(link).go_on("main form .actions button", to="/register/who/")
    pupil.fill(name="Mar Soto", mail="mar@example.org").go_on(to="/register/code/")
    pupil.type_code("mar@example.org", to="/register/")
    pupil.open("/register/people/").go_on(to="/register/consents/")
    person = agree_and_send(pupil)
    assert person.group is not None
    assert person.stays.get().country == "NP"
