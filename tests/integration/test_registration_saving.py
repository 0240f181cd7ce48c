"""Stopping before the end, coming back, and leaving a device that others use."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from registrations.answers import Answers
from registrations.models import Draft, Person
from tests.factories.journey import (
    WHO,
    newest_code,
    page,
    prove,
    register,
    send,
    stay,
    until_check,
)
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db

LATER = {"then": "later"}


@pytest.fixture(autouse=True)
def world():
    cache.clear()
    return make_places()


def answers() -> Answers:
    return Answers.from_json(Draft.objects.get().answers)


def come_back(client: Client) -> str:
    cache.clear()
    client.post(reverse("sign_in"), {"contact": "ana@example.org"})
    response = client.post(reverse("confirm_sign_in"), {"code": newest_code()})
    assert response.status_code == 302
    return str(response["Location"])


def test_every_step_can_be_left_and_come_back_to_from_another_device(client: Client):
    prove(client)
    send(client, "add_stay", stay() | LATER, then="saved_for_later")
    assert len(answers().stays) == 1
    shown = page(client, "saved_for_later")
    assert "From any device" in shown
    assert reverse("sign_in") in shown
    # Nothing on this device leads to it any more.
    assert client.get(reverse("enter_people"))["Location"] == reverse("enter_name")
    elsewhere = Client()
    assert come_back(elsewhere) == reverse("enter_people")
    assert "Ana Pérez" in page(elsewhere, "enter_name")
    send(elsewhere, "enter_people", {}, then="give_consents")
    register(elsewhere)
    assert Person.objects.count() == 1


def test_before_an_address_is_proved_only_this_device_can_go_on(client: Client):
    send(client, "enter_name", WHO | LATER, then="saved_for_later")
    shown = page(client, "saved_for_later")
    assert "you can only continue on this device" in shown
    assert client.get(reverse("check_answers"))["Location"] == reverse("confirm_code")
    send(client, "confirm_code", {"code_mail": newest_code()} | LATER, then="saved_for_later")
    assert "From any device" in page(client, "saved_for_later")
    assert client.get(reverse("add_stay"))["Location"] == reverse("enter_name")


def test_a_page_that_was_not_right_is_not_kept_and_says_so(client: Client):
    prove(client)
    send(client, "add_stay", stay(place="Xyzzyville") | LATER, then="saved_for_later")
    assert answers().stays == ()
    assert "Your last page was not complete" in page(client, "saved_for_later")


def test_nothing_is_sent_by_stopping_at_the_last_page(client: Client):
    until_check(client)
    send(client, "check_answers", LATER, then="saved_for_later")
    assert not Person.objects.exists()
    assert come_back(client) == reverse("check_answers")
    send(client, "check_answers", {}, then="show_done")


def test_stopping_without_a_page_keeps_what_came_before(client: Client):
    prove(client)
    send(client, "save_for_later", {}, then="saved_for_later")
    page(client, "saved_for_later")
    assert client.get(reverse("save_for_later")).status_code == 405
    assert answers().name == "Ana Pérez"


def test_without_anything_begun_there_is_nothing_to_come_back_to(client: Client):
    send(client, "enter_name", {"name": "Ana"} | LATER, then="saved_for_later")
    assert client.get(reverse("saved_for_later"))["Location"] == reverse("start")
    assert not Draft.objects.exists()


def test_a_shared_device_forgets_the_registration(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    assert reverse("finish_visit") in page(client, "show_done")
    assert client.get(reverse("finish_visit")).status_code == 405
    send(client, "finish_visit", {}, then="start")
    assert client.get(reverse("show_done"))["Location"] == reverse("start")
    assert client.get(reverse("read_registration")).status_code == 302
    assert Person.objects.count() == 1


def test_an_address_that_is_registered_is_asked_about_once(client: Client):
    until_check(client)
    send(client, "check_answers", {}, then="show_done")
    cache.clear()
    again = Client()
    send(again, "enter_name", WHO, then="confirm_code")
    send(again, "confirm_code", {"code_mail": newest_code()}, then="already_registered")
    page(again, "already_registered")
    # Somebody else of the family goes on, and is not asked again.
    send(again, "already_registered", {"choice": "new"}, then="add_stay")
    send(again, "enter_name", WHO | {"mobile": "+34600123456"}, then="confirm_code")
    send(again, "confirm_code", {"code_sms": newest_code()}, then="add_stay")
