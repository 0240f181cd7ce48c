"""Mail to those who oversee: sent at once, delayed by a dead mail server and never lost by it."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.utils import timezone

from accounts.enums import Role
from audit import sealing
from audit.actors import Actor
from oversight.actions import (
    handle_alarm,
    publish_heads,
    send_waiting_mails,
    verify_ledger,
)
from oversight.models import Alarm, OverseerMail, Verification
from oversight.tasks import publish_heads as publish_heads_task
from oversight.tasks import watch_ledger
from registrations.actions import run_retention
from tests.factories.accounts import make_coordinator, make_officer, make_post, make_user
from tests.factories.oversight import make_alarm, make_entry

pytestmark = pytest.mark.django_db
TOMORROW = dt.timedelta(days=1)


class Refusing:
    """A mail server that is down, or refuses one address."""

    def __init__(self, error: Exception, *, to: str = "") -> None:
        self.error, self.to = error, to
        self.asked = 0

    def send_messages(self, messages):
        self.asked += 1
        if not self.to or messages[0].to == [self.to]:
            raise self.error
        mail.outbox.extend(messages)

    def close(self):
        raise SMTPServerDisconnected


def down(monkeypatch, server: Refusing) -> Refusing:
    monkeypatch.setattr("oversight.actions.mailing.get_connection", lambda: server)
    return server


def test_each_data_protection_officer_is_told_at_once_in_their_language_and_once():
    spanish = make_user(Role.DATA_PROTECTION_OFFICER, language="es")
    other = make_user(Role.DATA_PROTECTION_OFFICER)
    make_user(Role.DATA_PROTECTION_OFFICER, is_active=False)
    make_user(Role.AUDITOR)
    make_coordinator()
    post = make_post()
    officer = make_officer(name="Ana Ruiz", post=post)
    for _ in range(50):
        make_entry(officer)
    watch_ledger()
    watch_ledger()
    alarm = Alarm.objects.get(kind="read_in_hour")
    told = [sent for sent in mail.outbox if str(alarm.pk) in sent.body]
    assert sorted(sent.to[0] for sent in told) == sorted([spanish.email, other.email])
    (english,) = [sent for sent in told if sent.to == [other.email]]
    assert "50 people within an hour" in english.body
    for sent in told:
        words = f"{sent.subject}\n{sent.body}"
        assert "Ana Ruiz" not in words
        assert str(officer.pk) not in words
        assert officer.post is not None
        assert post.name not in words


def test_a_mail_server_that_is_down_delays_and_never_loses(monkeypatch, caplog):
    dpo = make_user(Role.DATA_PROTECTION_OFFICER)
    make_user(Role.DATA_PROTECTION_OFFICER)
    make_alarm(make_officer())
    with monkeypatch.context() as patch:
        server = down(patch, Refusing(ConnectionRefusedError()))
        assert send_waiting_mails() == 0
        assert server.asked == 1  # The others would wait for the same silence.
        assert send_waiting_mails(timezone.now() + dt.timedelta(minutes=90)) == 0
    assert OverseerMail.objects.filter(sent_at=None).count() == 2
    assert dpo.email not in caplog.text
    later = timezone.now() + dt.timedelta(hours=4)
    assert send_waiting_mails(later) == 2
    assert len(mail.outbox) == 2
    assert send_waiting_mails(later + TOMORROW) == 0


def test_one_address_that_is_refused_holds_up_no_other(monkeypatch):
    refused = make_user(Role.DATA_PROTECTION_OFFICER)
    make_user(Role.DATA_PROTECTION_OFFICER)
    make_alarm(make_officer())
    down(monkeypatch, Refusing(SMTPRecipientsRefused({}), to=refused.email))
    assert send_waiting_mails() == 1
    assert OverseerMail.objects.get(sent_at=None).recipient == refused


def test_a_process_that_died_while_sending_is_made_up_for(monkeypatch):
    make_user(Role.DATA_PROTECTION_OFFICER)
    make_alarm(make_officer())

    def die(messages):
        raise SystemExit

    with monkeypatch.context() as patch:
        server = down(patch, Refusing(OSError()))
        patch.setattr(server, "send_messages", die)
        with pytest.raises(SystemExit):
            send_waiting_mails()
    assert send_waiting_mails() == 0
    assert send_waiting_mails(timezone.now() + dt.timedelta(minutes=3)) == 1


def test_the_heads_of_past_days_reach_everybody_who_oversees(monkeypatch, caplog):
    overseers = [make_user(Role.DATA_PROTECTION_OFFICER), make_user(Role.AUDITOR)]
    make_coordinator()
    make_entry()
    sealing.seal_waiting()
    in_three_days = timezone.now() + dt.timedelta(days=3)
    with caplog.at_level("INFO", logger="oversight.actions.publishing"):
        made = publish_heads(in_three_days)
    publish_heads_task()
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(user.email for user in overseers)
    assert [head.entries for head in made] == [1, 0, 0]
    for head in made:
        assert head.line in caplog.text
        assert all(head.line in sent.body for sent in mail.outbox)


def test_what_was_done_with_long_ago_is_erased_and_what_waits_is_not():
    make_user(Role.DATA_PROTECTION_OFFICER)
    done, waiting = make_alarm(make_officer()), make_alarm(make_officer())
    handle_alarm(
        alarm=done, outcome="mistake", finding="x", by=make_user(Role.DATA_PROTECTION_OFFICER)
    )
    verify_ledger(whole=True)
    send_waiting_mails()
    run_retention(by=Actor.system("tests"), now=timezone.now() + dt.timedelta(days=29))
    assert OverseerMail.objects.count() == 2
    assert Verification.objects.count() == 1
    run_retention(by=Actor.system("tests"), now=timezone.now() + dt.timedelta(days=31))
    assert not OverseerMail.objects.exists()
    assert not Verification.objects.exists()
    assert Alarm.objects.count() == 2
    run_retention(by=Actor.system("tests"), now=timezone.now() + dt.timedelta(days=800))
    assert Alarm.objects.get() == waiting
