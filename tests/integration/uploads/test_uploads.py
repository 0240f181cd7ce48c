"""A group's list: sent, checked, corrected and taken, by every path and after every accident."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.actors import Actor
from notifications.models import Delivery
from registrations import actions
from registrations.actions import uploads as upload_actions
from registrations.answers import stay_to_json
from registrations.enums import UploadState
from registrations.models import ContactPoint, Person, Report, Upload
from tests.factories.groups import csv_of, make_group
from tests.factories.registrations import KATHMANDU, make_person, pin_stay
from tests.factories.uploads import (
    checked,
    choose,
    download,
    page,
    problems_of,
    rows_of,
    send,
    take,
)
from tests.integration.test_groups import organiser_of

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


def test_a_list_is_checked_then_taken(client, group):
    day = (timezone.now() + dt.timedelta(days=3)).strftime("%d/%m/%Y")
    rows = [
        ["Luis Soto", "Luis@Example.org", "", "francés", "", "", "", "", "", ""],
        ["Eva", "", "+34 600 123 456", "", "31.3.2009", "ab-123", "Paris", "France", day, day],
        ["小明", "", "", "", "", "", "", "np", day, day],
    ]
    headings = [
        "FULL NAME", "Email address", "Mobile number", "language", "Date of birth",
        "Passport or identity card number", "Town or city", "Country", "First day", "Last day",
    ]  # fmt: skip
    rows[0][3] = "fr"
    upload = checked(client, group, csv_of(rows, headings, delimiter=";"))
    assert (upload.state, upload.total, upload.wrong) == (UploadState.CHECKED, 3, 0)
    assert not Person.objects.exists()  # Nothing is taken before the group says so.
    assert "Take all 3" in page(client, upload)
    take(client, upload)
    assert (upload.state, upload.taken, upload.rows) == (UploadState.TAKEN, 3, None)
    people = {person.name: person for person in Person.objects.all()}
    assert set(people) == {"Luis Soto", "Eva", "小明"}
    luis, eva, ming = people["Luis Soto"], people["Eva"], people["小明"]
    assert (luis.language, eva.language) == ("fr", "es")
    assert (eva.document_number, eva.birth_date) == ("AB-123", dt.date(2009, 3, 31))
    assert luis.stays.get().precision == "pin"  # The group's journey.
    assert eva.stays.get().place_id == 2988507
    assert ming.stays.get().precision == "country"
    assert not ContactPoint.objects.filter(verified_at__isnull=False).exists()
    assert Report.objects.filter(group=group, source="group").count() == 3
    assert Delivery.objects.filter(message__purpose="invitation").count() == 2
    assert "3 people are reported" in page(client, upload)


def test_ten_thousand_rows_of_which_37_are_wrong(client, group, django_assert_max_num_queries):
    bad = {number for number in range(2, 10_002) if number % 270 == 0}
    assert len(bad) == 37
    rows = [
        [f"Person {number}", "no address" if number in bad else f"p{number % 500}@example.org"]
        for number in range(2, 10_002)
    ]
    began = time.monotonic()
    assert send(client, group, csv_of(rows)) == ""
    upload = Upload.objects.get()
    with django_assert_max_num_queries(400):
        actions.check_upload(upload_id=upload.pk)
    assert time.monotonic() - began < 120
    upload.refresh_from_db()
    assert (upload.total, upload.wrong, upload.state) == (10_000, 37, UploadState.CHECKED)
    assert {item["row"] for item in problems_of(upload)} == bad
    assert all(item["column"] == "mail" for item in problems_of(upload))
    shown = page(client, upload)
    assert "37 of 10,000 rows are wrong" in shown
    assert "Take the 9,963 right rows, set 37 aside" in shown
    for number in sorted(bad):
        assert f"Row {number}, Email address" in shown
    back = download(client, upload, "csv")
    assert len(back) == 38
    assert [row[0] for row in back[1:]] == [f"Person {number}" for number in sorted(bad)]
    assert all("Email address:" in row[-1] for row in back[1:])
    assert not Person.objects.exists()


def test_the_wrong_rows_are_set_aside_and_kept_to_be_corrected(client, group):
    upload = checked(client, group, csv_of([["Ana", ""], ["Eva", "no"], ["Luz", ""]]))
    take(client, upload)
    assert (upload.state, upload.taken, upload.wrong) == (UploadState.TAKEN, 2, 1)
    assert rows_of(upload) == [["Eva", "no"]]  # Of those taken nothing is left.
    assert download(client, upload, "csv")[1][0] == "Eva"
    assert {person.name for person in Person.objects.all()} == {"Ana", "Luz"}


def test_a_list_of_which_every_row_is_wrong_cannot_be_taken(client, group):
    upload = checked(client, group, csv_of([["Eva", "no"]]))
    choose(client, upload, "take")
    assert upload.state == UploadState.CHECKED


def test_a_discarded_list_leaves_nothing(client, group):
    upload = checked(client, group, csv_of([["Eva", "no"], ["Ana", ""]]))
    choose(client, upload, "discard")
    assert (upload.state, upload.rows, upload.problems) == (UploadState.DISCARDED, None, None)
    choose(client, upload, "take")
    assert upload.state == UploadState.DISCARDED
    assert not Person.objects.exists()


@pytest.mark.parametrize("dies_at", [0, 7, 15, 29])
def test_a_worker_that_dies_while_taking_loses_and_doubles_nobody(
    client, group, monkeypatch, dies_at
):
    rows = [[f"Person {number}", f"p{number}@example.org"] for number in range(30)]
    upload = checked(client, group, csv_of(rows))
    choose(client, upload, "take")
    real, calls = upload_actions._take, []

    def dying(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == dies_at + 1:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(upload_actions, "_take", dying)
    with pytest.raises(KeyboardInterrupt):
        actions.take_upload(upload_id=upload.pk, by=BY, chunk=10)
    upload.refresh_from_db()
    assert Person.objects.count() == upload.taken == dies_at // 10 * 10
    monkeypatch.setattr(upload_actions, "_take", real)
    rung = []
    monkeypatch.setattr(upload_actions, "_ring_now", lambda *args: rung.append(args))
    assert actions.ring_uploads() == 0
    assert actions.ring_uploads(now=timezone.now() + dt.timedelta(minutes=2)) == 1
    assert rung == [(upload.pk, UploadState.TAKING)]
    actions.take_upload(upload_id=upload.pk, by=BY, chunk=10)
    actions.take_upload(upload_id=upload.pk, by=BY, chunk=10)
    assert sorted(person.name for person in Person.objects.all()) == sorted(row[0] for row in rows)
    assert Delivery.objects.filter(message__purpose="invitation").count() == 30


def test_checking_goes_on_where_it_stopped(client, group, monkeypatch):
    rows = [[f"Person {number}", "no" if number % 2 else ""] for number in range(20)]
    assert send(client, group, csv_of(rows)) == ""
    upload = Upload.objects.get()
    real = upload_actions.RowChecker.check

    def dying(self: Any, number: int, cells: Any) -> Any:
        if number == 14:
            raise KeyboardInterrupt
        return real(self, number, cells)

    monkeypatch.setattr(upload_actions.RowChecker, "check", dying)
    with pytest.raises(KeyboardInterrupt):
        actions.check_upload(upload_id=upload.pk, chunk=5)
    upload.refresh_from_db()
    assert (upload.checked, upload.state) == (10, UploadState.CHECKING)
    assert "10 of 20 rows" in page(client, upload)
    assert "See how far it is" in page(client, upload)
    monkeypatch.setattr(upload_actions.RowChecker, "check", real)
    actions.check_upload(upload_id=upload.pk, chunk=5)
    upload.refresh_from_db()
    assert (upload.checked, upload.wrong, len(problems_of(upload))) == (20, 10, 10)


def test_what_became_wrong_since_it_was_checked_is_set_aside(client, group):
    day = timezone.now().date()
    headings = ["Full name", "Country", "First day", "Last day"]
    rows = [["Ana", "NP", str(day), str(day)], ["Eva", "NP", str(day), str(day)]]
    upload = checked(client, group, csv_of(rows, headings))
    choose(client, upload, "take")
    changed = dict(upload.rows or {})
    changed["rows"][0][3] = str(day - dt.timedelta(days=9))
    changed["rows"][0][2] = str(day - dt.timedelta(days=10))
    upload.rows = changed
    upload.save(update_fields=["rows"])
    actions.take_upload(upload_id=upload.pk, by=BY, chunk=1)
    upload.refresh_from_db()
    assert (upload.state, upload.taken, upload.wrong) == (UploadState.TAKEN, 1, 1)
    assert {person.name for person in Person.objects.all()} == {"Eva"}


def test_nothing_tells_whether_somebody_was_known(client, group):
    known = make_person()
    rows = [["Ana Pérez", "ana@example.org"], ["Nobody", "nobody@example.org"]]
    upload = checked(client, group, csv_of(rows))
    take(client, upload)
    assert upload.taken == 2
    assert Person.objects.count() == 3  # A report of its own; officers merge the two.
    assert known.contact_points.get().address == "ana@example.org"
    point = ContactPoint.objects.exclude(person=known).earliest("created_at")
    actions.refuse_report(contact_point_id=point.pk, by=BY)
    again = checked(client, group, csv_of(rows))
    take(client, again)
    assert (again.taken, again.wrong) == (2, 0)
    # Of whoever refused, nothing was kept again; of the other there are two reports.
    assert Person.objects.filter(source="group").count() == 2


def test_a_group_sends_only_so_many_lists(client, group, settings):
    settings.REGISTRATION_LIMITS = {**settings.REGISTRATION_LIMITS, "uploads_per_group_hour": 1}
    assert send(client, group, csv_of([["Ana", ""]])) == ""
    assert "Try again in an hour" in send(client, group, csv_of([["Ana", ""]]))


def test_lists_of_others_are_not_found(client, group):
    upload = checked(client, group, csv_of([["Eva", "no"]]))
    other = make_group(organiser_mail="other@example.org")
    stranger = organiser_of(other)
    for pk, status in ((group.pk, 302), (other.pk, 404)):
        kwargs = {"pk": pk, "upload": upload.pk}
        assert stranger.get(reverse("show_upload", kwargs=kwargs)).status_code == status
        kwargs["form"] = "csv"
        assert stranger.get(reverse("download_wrong_rows", kwargs=kwargs)).status_code == status


def test_a_town_that_several_bear_must_be_told_apart(client, group):
    day = str(timezone.now().date())
    headings = ["Full name", "Town or city", "Country", "First day", "Last day"]
    rows = [
        ["A", "Paris", "", day, day],
        ["B", "Paris, France", "", day, day],
        ["C", "Paris", "US", day, day],
        ["D", "kathmandú", "", day, day],
        ["E", "Xyzzy", "", day, day],
        ["F", "Suva", "Nepal", day, day],
        ["G", "Suva", "Nowhere", day, day],
        ["H", "Paris", "", day, day],
        ["I", "Suva", "", day, ""],
    ]
    upload = checked(client, group, csv_of(rows, headings))
    said = {(item["row"], item["column"]): item["message"] for item in problems_of(upload)}
    assert set(said) == {
        (2, "place"), (6, "place"), (7, "country"), (8, "country"), (9, "place"), (10, "ends_on"),
    }  # fmt: skip
    assert "Paris, France" in said[2, "place"]
    assert said[2, "place"] == said[9, "place"]
    assert said[10, "ends_on"] == "Write the last day."
    take(client, upload)
    places = {person.name: person.stays.get().place_id for person in Person.objects.all()}
    assert places == {"B": 2988507, "C": 4717560, "D": KATHMANDU}


def test_the_journey_of_a_crew_names_its_ship(client):
    group = make_group(
        organiser_mail="crew@example.org",
        stays=[journey_stay(kind="voyage", aboard_or_with="MS Luna")],
    )
    day = str(timezone.now().date())
    headings = ["Full name", "Country", "First day", "Last day"]
    upload = checked(organiser_of(group), group, csv_of([["A", "NP", day, day]], headings))
    assert upload.wrong == 0
    take(organiser_of(group), upload)
    assert Person.objects.get().stays.get().aboard_or_with == "MS Luna"


def journey_stay(**changes: Any) -> dict[str, object]:
    return stay_to_json(pin_stay(**changes))


def test_one_address_for_many_people_is_written_to_once(client, group):
    rows = [[f"Child {number}", "family@example.org"] for number in range(5)]
    upload = checked(client, group, csv_of(rows))
    take(client, upload)
    assert Person.objects.count() == 5
    assert Delivery.objects.filter(message__purpose="invitation").count() == 1
