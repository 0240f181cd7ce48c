"""Groups: registered by a proved organiser, joined by a link, and never told about their people."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from audit.models import Entry
from registrations import actions, retention
from registrations.answers import ContactAnswer
from registrations.codes import code_of
from registrations.enums import Source
from registrations.groups.links import group_of, token_of
from registrations.models import Challenge, Draft, Group, Invitation, Person, Report, Upload
from tests.factories.groups import make_group
from tests.factories.registrations import make_answers, make_person, make_places, pin_stay, today
from tests.factories.reports import make_report

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")
MAIL = "marta@example.org"


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def newest_code() -> str:
    return code_of(Challenge.objects.latest("created_at").pk)


def sign_in(client: Client, mail: str = MAIL) -> str:
    """Where the code leads."""
    assert client.post(reverse("manage_groups"), {"mail": mail}).status_code == 302
    return client.post(reverse("confirm_organiser"), {"code": newest_code()})["Location"]


def organiser_of(group: Group) -> Client:
    client = Client()
    assert sign_in(client, group.organiser_mail) == reverse("manage_groups")
    return client


def text_of(client: Client, name: str, **kwargs: object) -> str:
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 200, response.get("Location")
    return response.content.decode()


def test_an_organiser_registers_a_group_and_comes_back():
    client = Client()
    given = {
        "kind": "school",
        "group_name": "Liceo Andino, 3.º B",
        "name": "Marta Ríos",
        "mail": "Marta@Example.org",
        "language": "es",
    }
    assert text_of(client, "register_group")
    went = client.post(reverse("register_group"), given)
    assert went["Location"] == reverse("add_group_stay")
    assert not Group.objects.exists()
    stay = {
        "kind": "trip",
        "place": "kathmandu",
        "starts_on": today().isoformat(),
        "ends_on": (today() + dt.timedelta(days=5)).isoformat(),
    }
    went = client.post(reverse("add_group_stay"), stay | {"then": "another"})
    assert went["Location"] == reverse("add_group_stay")
    assert "Kathmandu, Nepal" in text_of(client, "add_group_stay")
    second = {
        "kind": "trip",
        "country": "CL",
        "starts_on": (today() + dt.timedelta(days=5)).isoformat(),
        "ends_on": (today() + dt.timedelta(days=9)).isoformat(),
    }
    went = client.post(reverse("add_group_stay"), second)
    assert went["Location"] == reverse("confirm_organiser")
    assert not Group.objects.exists()  # Nothing is made before the address is proved.
    assert "Marta@example.org" in text_of(client, "confirm_organiser")
    wrong = f"{(int(newest_code()) + 1) % 1_000_000:06d}"
    assert client.post(reverse("confirm_organiser"), {"code": wrong}).status_code == 200
    went = client.post(reverse("confirm_organiser"), {"code": newest_code()})

    group = Group.objects.get()
    assert went["Location"] == reverse("show_group", kwargs={"pk": group.pk})
    assert (group.name, group.organiser_name, group.kind) == (
        "Liceo Andino, 3.º B",
        "Marta Ríos",
        "school",
    )
    assert group.ends_on == today() + dt.timedelta(days=9)
    shown = text_of(client, "show_group", pk=group.pk)
    assert token_of(group) in shown
    assert "Kathmandu, Nepal" in shown
    assert Entry.objects.filter(action="group.register").count() == 1

    other = Client()
    assert sign_in(other, "marta@example.ORG") == reverse("manage_groups")
    assert "Liceo Andino" in text_of(other, "manage_groups")


def test_a_stay_of_the_journey_can_be_taken_back():
    client = Client()
    group = {"kind": "tour", "group_name": "Tour", "name": "M", "mail": MAIL, "language": "en"}
    client.post(reverse("register_group"), group)
    stay = {"kind": "residence", "country": "CL", "then": "another"}
    client.post(reverse("add_group_stay"), stay)
    shown = text_of(client, "add_group_stay")
    key = re.search(r'name="remove" value="(\w+)"', shown)
    assert key
    client.post(reverse("add_group_stay"), {"remove": key[1]})
    assert Draft.objects.get().answers["stays"] == []
    assert client.get(reverse("confirm_organiser")).status_code == 200


def test_unknown_addresses_cost_the_same(world):
    make_group()

    def queries(mail: str) -> list[str]:
        client = Client()
        client.get(reverse("manage_groups"))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.post(reverse("manage_groups"), {"mail": mail})
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"])[:60] for query in caught]

    assert queries(MAIL) == queries("nobody@example.org")


def test_nobody_else_sees_a_group():
    group = make_group()
    stranger = organiser_of(make_group(organiser_mail="other@example.org"))
    for client in (Client(), stranger):
        for name in ("show_group", "erase_group", "upload_people"):
            answer = client.get(reverse(name, kwargs={"pk": group.pk}))
            assert answer["Location"] == reverse("manage_groups")
        for name in ("renew_group_link", "erase_group"):
            client.post(reverse(name, kwargs={"pk": group.pk}))
    group.refresh_from_db()
    assert group.link_version == 1
    assert str(group.pk) not in text_of(stranger, "manage_groups")


def test_a_visit_ends_by_itself(monkeypatch):
    group = make_group()
    client = organiser_of(group)
    assert text_of(client, "show_group", pk=group.pk)
    later = timezone.now() + dt.timedelta(minutes=31)
    monkeypatch.setattr("registrations.groups.organising.timezone.now", lambda: later)
    answer = client.get(reverse("show_group", kwargs={"pk": group.pk}))
    assert answer.status_code == 302


def test_an_organiser_registers_only_so_many_groups(settings):
    settings.REGISTRATION_LIMITS = {**settings.REGISTRATION_LIMITS, "groups_per_organiser_day": 1}
    proved = ContactAnswer("mail", MAIL, verified_at=timezone.now())
    answers = make_answers(contacts=(proved,), group_kind="tour", group_name="Tour")
    first, second = (actions.start_draft(answers=answers) for _ in range(2))
    assert actions.register_group(draft_id=first.pk, by=BY)
    assert actions.register_group(draft_id=first.pk, by=BY) is None  # Sent twice.
    with pytest.raises(actions.TooManyGroups):
        actions.register_group(draft_id=second.pk, by=BY)


def test_who_holds_the_link_joins_with_a_registration_of_their_own():
    group = make_group()
    client = Client()
    address = reverse("join_group", args=[token_of(group)])
    page = client.get(address)
    shown = page.content.decode()
    assert group.name in shown
    assert "Marta" not in shown
    assert page["X-Robots-Tag"].startswith("noindex")
    assert not Draft.objects.exists()
    assert client.post(address)["Location"] == reverse("enter_name")
    draft = Draft.objects.get()
    assert draft.answers["group_id"] == str(group.pk)
    assert len(draft.answers["stays"]) == 1
    assert draft.answers["consents"] == []
    actions.change_draft(
        draft_id=draft.pk,
        change=lambda answers: replace(
            make_answers(), stays=answers.stays, group_id=answers.group_id
        ),
    )
    assert actions.complete_registration(draft=draft, by=BY).group == group


def test_a_new_link_kills_the_former_one_and_the_journey_ends_both():
    group = make_group()
    old = token_of(group)
    organiser_of(group).post(reverse("renew_group_link", kwargs={"pk": group.pk}))
    group.refresh_from_db()
    assert group_of(old) is None
    assert group_of(token_of(group)) == group
    assert Client().get(reverse("join_group", args=[old])).status_code == 404
    assert Client().post(reverse("join_group", args=["A" * 43])).status_code == 404
    for bad in ("", "x", "é" * 43, "=" * 43):
        assert group_of(bad) is None
    Group.objects.update(ends_on=today() - dt.timedelta(days=1))
    assert group_of(token_of(group)) is None


def test_the_organiser_sees_the_same_whatever_people_do():
    """Write-only: whether someone was known, joined, agreed or refused changes no page."""
    group = make_group()
    client = organiser_of(group)

    def pages() -> list[str]:
        names = ("show_group", "erase_group")
        shown = [text_of(client, name, pk=group.pk) for name in names]
        shown.append(text_of(client, "manage_groups"))
        return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in shown]

    before = pages()
    person = report(group)
    make_person(name="Joined", group_id=str(group.pk))
    assert pages() == before
    found = Report.objects.get(person=person)
    actions.adopt_report(report_id=found.pk, person_id=make_person().pk, by=BY)
    assert pages() == before
    other = report(group, "refuses@example.org")
    actions.refuse_report(contact_point_id=other.contact_points.get().pk, by=BY)
    assert pages() == before


def report(group: Group, mail: str = "luis@example.org") -> Person:
    return actions.report_person(
        source=Source.GROUP,
        name="Luis",
        language="es",
        contacts=[ContactAnswer("mail", mail)],
        stays=[pin_stay()],
        by=BY,
        group=group,
    )


def test_erasing_a_group_keeps_registrations_and_drops_unanswered_reports():
    group = make_group()
    Upload.objects.create(group=group, language="es", rows={"columns": []}, problems=[])
    unanswered = report(group)
    elsewhere = report(make_group(organiser_mail="other@example.org"))
    joined = make_person(group_id=str(group.pk))
    client = organiser_of(group)
    went = client.post(reverse("erase_group", kwargs={"pk": group.pk}))
    assert went["Location"] == reverse("manage_groups")
    assert group.name not in text_of(client, "manage_groups")
    assert not Upload.objects.exists()
    group.refresh_from_db()
    assert group_of(token_of(group)) is None

    assert actions.erase_group_leftovers(by=BY) == 1
    assert not Group.objects.filter(pk=group.pk).exists()
    assert not Person.objects.filter(pk=unanswered.pk).exists()
    assert Person.objects.filter(pk=elsewhere.pk).exists()
    joined.refresh_from_db()
    assert joined.group is None


def test_what_an_open_crisis_touches_outlasts_its_group(monkeypatch):
    """Whoever organises a group cannot take its people out of a crisis by erasing it."""
    group = make_group()
    held, other = report(group), report(group, "eva@example.org")
    client = organiser_of(group)
    client.post(reverse("erase_group", kwargs={"pk": group.pk}))
    stays = set(held.stays.values_list("pk", flat=True))
    monkeypatch.setitem(retention._vetoes, "crises", lambda found: stays)
    assert actions.erase_group_leftovers(by=BY, batch=1) == 0
    assert Person.objects.filter(pk=held.pk).exists()
    assert not Person.objects.filter(pk=other.pk).exists()
    monkeypatch.undo()
    assert actions.erase_group_leftovers(by=BY, batch=1) == 1
    assert not Person.objects.filter(pk=held.pk).exists()


def test_what_another_said_of_the_same_person_outlasts_the_group():
    group = make_group()
    kept, absorbed = report(group), make_report(contacts=())
    actions.merge_people(kept_id=kept.pk, absorbed_id=absorbed.pk, by=BY)
    actions.close_group(group_id=group.pk, by=BY)
    assert actions.erase_group_leftovers(by=BY) == 1
    assert Person.objects.filter(pk__in=[kept.pk, absorbed.pk]).count() == 2


def test_groups_lists_and_invitations_have_their_time():
    group = make_group()
    report(group)
    Upload.objects.create(group=group, language="es", rows=None, problems=None)
    assert actions.erase_group_leftovers(by=BY) == 0
    assert Upload.objects.count() == Invitation.objects.count() == 1
    later = timezone.now() + dt.timedelta(days=4)
    assert actions.erase_group_leftovers(by=BY, now=later) == 0
    assert not Upload.objects.exists()
    assert actions.erase_group_leftovers(by=BY, now=timezone.now() + dt.timedelta(days=40)) == 1
    assert not Invitation.objects.exists()
