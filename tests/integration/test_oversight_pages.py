"""Pages of those who oversee: who acted and why, never whom it was about; each look is noted."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from audit import ledger, sealing
from audit.actors import Actor
from audit.models import Entry, EntrySubject
from oversight.actions import publish_heads, verify_ledger
from oversight.models import Alarm
from oversight.views.entries import harmless
from tests.factories.accounts import make_officer, make_post, make_user
from tests.factories.crisis_pages import signed_in
from tests.factories.oversight import make_alarm, make_entry

pytestmark = pytest.mark.django_db
LIST = "/oversight/ledger/"


@pytest.fixture
def auditor() -> Client:
    return signed_in(make_user(Role.AUDITOR))


@pytest.fixture
def dpo() -> Client:
    return signed_in(make_user(Role.DATA_PROTECTION_OFFICER))


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_an_entry_tells_who_and_why_and_nobody_it_was_about(auditor):
    post, person = make_post(), uuid.uuid4()
    officer = make_officer(name="Ana Ruiz", post=post)
    entry = make_entry(officer, subjects=[person], note="Her sister asked")
    sealing.seal_waiting()
    page = text(auditor, reverse("read_entry", args=[entry.pk]))
    assert "Read a person&#x27;s registration" in page
    assert "Ana Ruiz" in page
    assert f"Consular officer · {post.name}" in page
    assert "1, made on" in page
    digest = bytes(EntrySubject.objects.get(entry=entry).subject).hex()
    assert str(person) not in page
    assert digest not in page
    assert "Her sister" not in page


def test_a_traveller_is_a_registered_person_and_never_a_digest(auditor):
    person = uuid.uuid4()
    entry = make_entry(Actor.traveller(person), subjects=[person], action="consent.give")
    for path in (LIST, reverse("read_entry", args=[entry.pk])):
        page = text(auditor, path)
        assert "A registered person" in page
        assert entry.actor_id not in page
    page = b"".join(auditor.get(reverse("download_entries")).streaming_content).decode()
    assert "consent.give" in page
    assert entry.actor_id not in page


def test_the_list_names_posts_and_no_officer(auditor):
    make_entry(make_officer(name="Somebody Particular"))
    rows = text(auditor, LIST).split('id="found"')[1]
    assert "Somebody Particular" not in rows


def test_a_search_is_one_entry_and_its_further_pages_are_none(auditor, monkeypatch):
    monkeypatch.setattr("oversight.views.entries.page_of.__defaults__", (3,))
    officer = make_officer()
    entries = [make_entry(officer) for _ in range(8)]
    seen: list[str] = []
    url = f"{LIST}?action=person.read"
    for _ in range(3):
        page = auditor.get(url)
        seen += [str(row["entry"].pk) for row in page.context["rows"]]
        url = LIST + page.context["older_url"]
    assert seen == [str(entry.pk) for entry in reversed(entries)]
    assert page.context["older_url"] == ""
    assert Entry.objects.filter(action="ledger.search").count() == 1


def test_nobody_pages_through_a_search_that_is_not_in_the_ledger(auditor, dpo, monkeypatch):
    monkeypatch.setattr("oversight.views.entries.page_of.__defaults__", (1,))
    make_entry(make_officer())
    make_entry(make_officer())
    older = auditor.get(f"{LIST}?action=person.read").context["older_url"]
    asked = Entry.objects.filter(action="ledger.search")
    for client, url in (
        (auditor, older.replace("person.read", "person.find")),  # Another search
        (dpo, older),  # Another's place
        (auditor, "?after=made-up"),
    ):
        before = asked.count()
        assert client.get(LIST + url).context["is_first"]
        assert asked.count() == before + 1


def test_entries_of_one_instant_are_neither_repeated_nor_lost(auditor, monkeypatch):
    monkeypatch.setattr("oversight.views.entries.page_of.__defaults__", (2,))
    made = {make_entry(make_officer()).pk for _ in range(5)}
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET at = %s", [timezone.now()])
    seen: list[uuid.UUID] = []
    url = f"{LIST}?action=person.read"
    while url != LIST:
        page = auditor.get(url)
        seen += [row["entry"].pk for row in page.context["rows"]]
        url = LIST + page.context["older_url"]
    assert len(seen) == 5
    assert set(seen) == made


def found(client: Client, **asked: Any) -> set[uuid.UUID]:
    return {row["entry"].pk for row in client.get(LIST, asked).context["rows"]}


def test_every_filter_finds_its_own(auditor):
    officer, other = make_officer(), make_officer()
    crisis = str(uuid.uuid4())
    wanted = make_entry(
        officer, action="crisis.open", purpose="exercise", subjects=(), object_id=crisis,
        object_type="crises.crisis",
    )  # fmt: skip
    reading = make_entry(other)
    own = make_entry(Actor.traveller(uuid.uuid4()))
    exported = make_entry(Actor.system("operator"), action="registration.export")
    today = timezone.now().date()
    assert found(auditor, post=officer.post_id) == {wanted.pk}
    assert found(auditor, actor=officer.pk) == {wanted.pk}
    assert found(auditor, action="crisis.open") == {wanted.pk}
    assert found(auditor, purpose="exercise") == {wanted.pk}
    assert found(auditor, object_id=crisis) == {wanted.pk}
    assert found(auditor, object_id=str(uuid.uuid4())) == set()
    assert found(auditor, people_only="on") == {reading.pk, exported.pk}
    assert found(auditor, actor_kind="traveller") == {own.pk}
    assert found(auditor, role="officer") == {wanted.pk, reading.pk}
    assert {wanted.pk, reading.pk} <= found(auditor, since=today, until=today)
    assert found(auditor, until=today - dt.timedelta(days=1)) == set()


def test_what_cannot_be_searched_is_said(auditor):
    page = text(auditor, f"{LIST}?since=2026-03-02&until=2026-03-01&object_id=a+b")
    assert "The last day is before the first." in page
    assert "An identifier has no spaces." in page
    assert not Entry.objects.filter(action="ledger.search").exists()


def test_the_auditor_downloads_what_was_searched_and_the_ledger_says_so(auditor, dpo):
    officer = make_officer()
    entry = make_entry(officer, subjects=[uuid.uuid4(), uuid.uuid4()], details={"by": "-2+3"})
    path = f"{reverse('download_entries')}?action=person.read"
    assert dpo.get(path).status_code == 403
    response = auditor.get(path)
    assert response["Cache-Control"] == "no-store"
    lines = b"".join(response.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(lines))
    assert row["entry"] == str(entry.pk)
    assert row["account"] == str(officer.pk)
    assert row["people"] == "2"
    assert officer.name not in lines
    noted = Entry.objects.get(action="ledger.download")
    assert noted.details == {"action": "person.read"}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_begins_a_formula(cell):
    assert harmless(cell) == f"'{cell}"
    assert harmless("person.read") == "person.read"


def test_the_overview_tells_how_things_stand_and_is_noted_once_an_hour(dpo):
    post = make_post()
    officer = make_officer(post=post)
    for _ in range(3):
        make_entry(officer)
    make_alarm(officer)
    verify_ledger(whole=True)
    for _ in range(3):
        page = text(dpo, reverse("show_oversight"))
    assert "The ledger is whole" in page
    assert "Approved a notice alone" in page
    assert post.name in page
    assert Entry.objects.filter(action="ledger.overview").count() == 1


def test_the_overview_says_that_the_ledger_was_altered(dpo):
    entry = make_entry(make_officer())
    sealing.seal_waiting()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET purpose = 'advice' WHERE id = %s", [entry.pk])
    verify_ledger(whole=True)
    page = text(dpo, reverse("show_oversight"))
    assert "The ledger was altered" in page
    assert "The ledger is whole" not in page
    verify_ledger(whole=False)  # Begins after the break, and excuses nothing.
    assert "The ledger was altered" in text(dpo, reverse("show_oversight"))
    alarm = Alarm.objects.get()
    assert f"entry {entry.pk} of seal 1 was altered" in text(
        dpo, reverse("read_alarm", args=[alarm.pk])
    )


def test_an_alarm_is_handled_by_the_data_protection_officer_and_read_by_the_auditor(dpo, auditor):
    alarm = make_alarm(make_officer(name="Ana Ruiz"))
    path = reverse("read_alarm", args=[alarm.pk])
    handle = reverse("handle_alarm", args=[alarm.pk])
    assert handle in text(dpo, path)
    page = text(auditor, path)
    assert handle not in page
    assert "Ana Ruiz" in page
    assert auditor.post(handle, {"outcome": "explained", "finding": "x"}).status_code == 403
    assert "Choose what it was." in dpo.post(handle, {"finding": "x"}).content.decode()
    found = {"outcome": "explained", "finding": "The coordinator asked for it"}
    assert dpo.post(handle, found, follow=True).redirect_chain == [(path, 302)]
    page = text(auditor, path)
    assert "The coordinator asked for it" in page
    again = dpo.post(handle, found, follow=True).content.decode()
    assert "Somebody else has just looked into this alarm." in again
    assert Entry.objects.filter(action="alarm.read").count() >= 4


def test_a_retention_run_is_told_in_words_and_a_code_without_words_too(auditor):
    ledger.record(
        action="retention.run",
        by=Actor.system("retention"),
        purpose="maintenance",
        details={
            "steps": {
                "stays": {"erased_stays": 1200, "kept_open_crisis": 3},
                "new": {"kept_for_a_court": 2},
            },
            "resumed": 1,
        },
    )
    page = re.sub(r"\s+", " ", text(auditor, reverse("list_retention_runs")))
    assert "1,200 stays erased" in page
    assert "3 kept because a crisis that concerns them is still open" in page
    assert "2 kept for a court" in page


def test_everybody_reads_the_heads_and_programs_do_too():
    make_entry()
    sealing.seal_waiting()
    anybody = Client()
    assert "after midnight" in text(anybody, reverse("list_heads"))
    (head,) = publish_heads(timezone.now() + dt.timedelta(days=1))
    assert head.line in text(anybody, reverse("list_heads"))
    response = anybody.get(reverse("download_heads"))
    assert response.content.decode() == f"{head.line}\n"
    assert response["Content-Type"].startswith("text/plain")
    assert "public" in response["Cache-Control"]


@pytest.mark.parametrize("role", [Role.DATA_PROTECTION_OFFICER, Role.AUDITOR])
def test_those_who_oversee_are_led_to_what_they_may_open(role):
    client = signed_in(make_user(role))
    page = text(client, reverse("show_oversight"))
    nav = page.split('class="site-nav"')[1].split("</nav>")[0]
    links = re.findall(r'<a href="([^"]+)"', nav)
    assert reverse("list_alarms") in links
    assert {client.get(link).status_code for link in links} == {200}
