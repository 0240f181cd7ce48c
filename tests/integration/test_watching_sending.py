"""Troubles with sending: the operators are told once when one begins and once when it ends."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from audit.actors import Actor
from audit.models import Entry
from micic_portal import standing_in
from notifications.enums import DeliveryState, Lane
from notifications.models import Delivery
from notifications.standing import ProviderStand
from notifications.watching.enums import Heart, Result, TroubleKind
from notifications.watching.models import Heartbeat, Trouble
from notifications.watching.readings import read
from notifications.watching.troubles import troubles
from oversight.actions import send_waiting_mails
from oversight.actions.sending import note_troubles, watch_sending
from oversight.models import OverseerMail
from oversight.tasks import watch_sending as watch_sending_task
from registrations.actions import run_retention
from tests.factories.accounts import make_coordinator, make_user
from tests.factories.watching import count, heard, make_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everybody_is_alive() -> None:
    # What processes of other tests stamped does not speak for these.
    Heartbeat.objects.all().delete()
    heard(Heart.SCHEDULER)
    heard(Heart.WORKER)


def found() -> dict[str, str]:
    return {one.kind.value: one.subject for one in troubles(read())}


def test_nothing_is_wrong_where_nothing_waits():
    assert found() == {}


@pytest.mark.parametrize(
    ("lane", "limit"), [(Lane.CRISIS, 60), (Lane.VERIFICATION, 60), (Lane.ADVICE, 3600)]
)
def test_a_lane_whose_oldest_waits_too_long_is_stuck(lane, limit):
    make_rows(lane=lane, due_seconds_ago=limit - 10)
    assert found() == {}
    Delivery.objects.all().delete()
    make_rows(lane=lane, due_seconds_ago=limit + 10)
    assert found() == {"lane_stuck": str(lane.value)}


def test_a_large_notice_that_flows_is_not_stuck_but_a_trickle_is():
    make_rows(5, due_seconds_ago=120)
    count(Result.ACCEPTED, 1)
    assert found() == {}
    make_rows(due_seconds_ago=700)
    assert found() == {"lane_stuck": str(Lane.CRISIS.value)}


def test_what_goes_out_in_another_lane_does_not_excuse_the_crisis():
    make_rows(due_seconds_ago=70)
    count(Result.ACCEPTED, 100, lane=Lane.ADVICE)
    assert found() == {"lane_stuck": str(Lane.CRISIS.value)}


def test_a_paused_notice_is_not_stuck():
    make_rows(30, due_seconds_ago=5000, held=True)
    count(Result.RETRIED, 30, code="http_503")
    assert found() == {}


def test_a_channel_that_is_tried_and_hands_nothing_over_is_told():
    make_rows(10, due_seconds_ago=-30, channel="sms")
    assert found() == {}  # Nothing was tried yet.
    count(Result.RETRIED, 10, provider="sms.gateway", code="http_503", minutes_ago=2)
    count(Result.ACCEPTED, 99, minutes_ago=2)  # by mail
    assert found() == {"channel_silent": "sms"}
    count(Result.ACCEPTED, 1, provider="sms.backup")
    assert found() == {}


def test_one_mailbox_that_never_answers_is_no_alarm():
    make_rows(due_seconds_ago=-30)
    count(Result.RETRIED, 1, code="smtp_451")
    assert found() == {}


def test_an_open_circuit_is_told():
    ProviderStand.objects.create(key="mail.smtp", failures=2)
    stand = ProviderStand.objects.create(key="sms.gateway", failures=7, opened=1)
    [one] = troubles(read())
    assert (one.kind, one.subject, one.figure) == (TroubleKind.PROVIDER_DOWN, "sms.gateway", 7)
    ProviderStand.objects.filter(pk=stand.pk).update(opened=0)
    assert found() == {}


def test_doubts_that_grow_are_told_and_a_few_are_not():
    count(Result.UNCERTAIN, 49, code="timeout")
    assert found() == {}
    count(Result.UNCERTAIN, 1, code="timeout", minutes_ago=3)
    assert found() == {"doubts": "mail.smtp"}
    count(Result.ACCEPTED, 1000, minutes_ago=1)
    assert found() == {}


def test_who_is_silent_is_told():
    heard(Heart.WORKER, 200)
    assert found() == {"workers": ""}
    heard(Heart.SCHEDULER, 70)
    assert found() == {"scheduler": ""}


def watch_again() -> None:
    heard(Heart.WATCH, 60, machine="")
    watch_sending_task()


def test_an_alarm_is_raised_once_and_ended_once(caplog: pytest.LogCaptureFixture):
    spanish = make_user(Role.OPERATOR, language="es")
    operator = make_user(Role.OPERATOR)
    make_user(Role.OPERATOR, is_active=False)
    make_user(Role.DATA_PROTECTION_OFFICER)
    make_coordinator()
    make_rows(3, due_seconds_ago=75)
    watch_sending_task()
    watch_again()
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted([spanish.email, operator.email])
    [english] = [sent for sent in mail.outbox if sent.to == [operator.email]]
    assert english.subject == "Sending: Crisis notices are stuck"
    assert "75 seconds" in english.body
    assert reverse("show_sending") in english.body
    Delivery.objects.all().delete()
    watch_again()
    assert len(mail.outbox) == 2  # It may come back at once.
    Trouble.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=3))
    watch_again()
    watch_again()
    over = [sent for sent in mail.outbox[2:] if sent.to == [operator.email]]
    assert [sent.subject for sent in over] == ["Over: Crisis notices are stuck"]
    assert len(mail.outbox) == 4
    trouble = Trouble.objects.get()
    assert trouble.ended_at is not None
    acts = Entry.objects.filter(object_id=str(trouble.pk)).order_by("at")
    assert [act.action for act in acts] == ["trouble.begin", "trouble.end"]
    assert "lane_stuck 10 began" in caplog.text


def test_it_grows_while_it_lasts_and_a_new_one_is_a_new_episode():
    make_rows(due_seconds_ago=100)
    watch_sending()
    heard(Heart.WATCH, 60, machine="")
    make_rows(due_seconds_ago=500)
    watch_sending()
    assert Trouble.objects.get().worst >= 500
    Trouble.objects.update(ended_at=timezone.now())
    note_troubles(read())
    assert Trouble.objects.count() == 2


def test_a_mail_tells_of_no_person():
    make_user(Role.OPERATOR)
    [row] = make_rows(due_seconds_ago=75)
    watch_sending_task()
    [sent] = mail.outbox
    words = f"{sent.subject}{sent.body}{sent.extra_headers}"
    assert str(row.pk) not in words
    assert str(row.recipient_id) not in words


def test_only_one_machine_looks():
    make_rows(due_seconds_ago=75)
    assert watch_sending()
    Trouble.objects.all().delete()
    assert not watch_sending()
    assert not Trouble.objects.exists()


def test_every_kind_has_words_and_a_mail():
    make_user(Role.OPERATOR)
    subjects = {"lane_stuck": "10", "channel_silent": "sms", "doubts": "x", "provider_down": "y"}
    now = timezone.now()
    for kind in TroubleKind:
        trouble = Trouble.objects.create(
            kind=kind, subject=subjects.get(kind, ""), worst=130, began_at=now, seen_at=now
        )
        for has_ended in (False, True):
            OverseerMail.objects.create(
                recipient=make_user(Role.OPERATOR), trouble=trouble, has_ended=has_ended
            )
    assert send_waiting_mails() == 2 * len(TroubleKind)


def test_what_ended_long_ago_is_erased_and_what_lasts_is_not():
    now = timezone.now()
    Trouble.objects.create(kind="doubts", subject="x", began_at=now, seen_at=now, ended_at=now)
    lasting = Trouble.objects.create(kind="doubts", subject="x", began_at=now, seen_at=now)
    run_retention(by=Actor.system("tests"), now=now + dt.timedelta(days=89))
    assert Trouble.objects.count() == 2
    run_retention(by=Actor.system("tests"), now=now + dt.timedelta(days=91))
    assert Trouble.objects.get() == lasting


def test_the_health_page_tells_of_a_dead_scheduler_and_stays_healthy(client: Client):
    heard(Heart.WATCH, machine="")
    assert client.get(reverse("show_health")).json() == {"status": "ok"}
    heard(Heart.SCHEDULER, 300)
    answer = client.get(reverse("show_health"))
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["scheduler"].startswith("silent since 20")


def test_while_nobody_keeps_the_watch_the_web_server_does(
    client: Client, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
):
    make_user(Role.OPERATOR)
    monkeypatch.setattr(standing_in, "_tell", send_waiting_mails)
    heard(Heart.SCHEDULER, 300)
    heard(Heart.WORKER, 300)
    heard(Heart.WATCH, 50, machine="")
    with django_capture_on_commit_callbacks(execute=True):
        client.get(reverse("show_health"))
    assert mail.outbox == []  # The workers may still come: it is their turn.
    heard(Heart.WATCH, 300, machine="")
    for _ in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            client.get(reverse("show_health"))
    assert [sent.subject for sent in mail.outbox] == ["Sending: The scheduler is silent"]


def test_a_watch_that_fails_does_not_make_the_web_server_ill(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail() -> None:
        raise OperationalError("to 10.0.0.7")

    monkeypatch.setattr(standing_in, "hearts", fail)
    with caplog.at_level(logging.ERROR):
        assert client.get(reverse("show_health")).json() == {"status": "ok"}
    assert "OperationalError" in caplog.text
    assert "10.0.0.7" not in caplog.text


def test_rows_being_sent_are_no_due_rows():
    make_rows(5, due_seconds_ago=-20, state=DeliveryState.SENDING)
    assert found() == {}
