"""Receipts: states only move forward, whatever comes twice, early, late or for nothing of ours."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from notifications.actions import receipts as taking
from notifications.actions.receipts import (
    RECEIPT_MOVES,
    Counts,
    apply_held,
    forget_old_held,
    take_receipts,
)
from notifications.channels.calls import Receipt, ReceiptKind
from notifications.engine.claims import Result, write_back
from notifications.enums import DELIVERY_TRANSITIONS, OPEN_STATES, DeliveryState, Lane
from notifications.models import Delivery, HeldReceipt, Message
from notifications.ports import Undeliverable
from notifications.providers import Provider
from tests.factories.gateway_calls import ADDRESS, call, gateway, signed
from tests.mail_services import basic

pytestmark = pytest.mark.django_db

GATEWAY = Provider("sms", "gateway", {})
BACKUP = Provider("sms", "backup", {})
KIND = ReceiptKind
STATE = DeliveryState


class Listener:
    """The floor above: hears of addresses that do not work."""

    def __init__(self) -> None:
        self.heard: list[tuple[list[UUID], Undeliverable]] = []

    def reply(self, inbound: Any) -> None:
        raise AssertionError

    def undeliverable(self, delivery_ids: Sequence[UUID], kind: Undeliverable) -> None:
        self.heard.append((list(delivery_ids), kind))


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    found = Listener()
    monkeypatch.setattr(taking, "inbound_handler", lambda: found)
    return found


def make(state: str = STATE.ACCEPTED, number: int = 1, **fields: Any) -> list[Delivery]:
    message = Message.objects.create(
        purpose="test",
        lane=Lane.CRISIS,
        state="sending",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    given = {
        "lane": Lane.CRISIS,
        "channel": "sms",
        "language": "es",
        "state": state,
        "attempt": 1,
        "provider": GATEWAY.key,
        "lease_owner": "worker",
        "due_at": timezone.now() if state in OPEN_STATES else None,
    } | fields
    return Delivery.objects.bulk_create(
        Delivery(message=message, recipient_id=uuid4(), **given) for _ in range(number)
    )


def tell(
    row: Delivery, *kinds: ReceiptKind, provider: Provider = GATEWAY, reference: str = ""
) -> Delivery:
    for kind in kinds:
        receipt = Receipt(kind, row.pk, reference, "absent" if kind is KIND.FAILED else "")
        take_receipts(provider=provider, receipts=[receipt])
    row.refresh_from_db()
    return row


def test_a_receipt_moves_a_row_only_where_the_states_allow_it():
    for target, sources in RECEIPT_MOVES.items():
        for source in sources:
            assert target in DELIVERY_TRANSITIONS[source], f"{source} to {target}"


@pytest.mark.parametrize("order", list(permutations([KIND.ACCEPTED, KIND.FAILED, KIND.DELIVERED])))
def test_in_whatever_order_receipts_come_what_arrived_has_arrived(order):
    [row] = make(STATE.SENDING)
    tell(row, *order, *order)
    assert (row.state, row.due_at, row.error_code) == (STATE.DELIVERED, None, "")
    assert row.delivered_at is not None


def test_a_failure_is_not_undone_by_what_came_before_it():
    [row] = make(STATE.ACCEPTED)
    tell(row, KIND.FAILED, KIND.ACCEPTED)
    assert (row.state, row.error_code) == (STATE.FAILED, "absent")


def test_read_and_complained_of_count_as_arrived():
    for kind in (KIND.READ, KIND.COMPLAINED):
        [row] = make(STATE.ACCEPTED)
        assert tell(row, kind).state == STATE.DELIVERED


@pytest.mark.parametrize(
    ("kind", "state"), [(KIND.DELIVERED, STATE.DELIVERED), (KIND.ACCEPTED, STATE.ACCEPTED)]
)
def test_an_early_receipt_is_not_undone_by_the_write_back(kind, state):
    [row] = make(STATE.SENDING)
    tell(row, kind)
    assert row.due_at is None
    write_back("worker", [Result(row.pk, 1, STATE.UNCERTAIN, "timeout", delay=3.0)])
    write_back("worker", [Result(row.pk, 1, STATE.QUEUED, "busy", delay=3.0)])
    row.refresh_from_db()
    assert (row.state, row.due_at) == (state, None)


def test_a_receipt_settles_a_doubt_and_stops_the_resending():
    for state in (STATE.UNCERTAIN, STATE.QUEUED, STATE.CLAIMED):
        [row] = make(state, doubts=1, due_at=timezone.now())
        tell(row, KIND.DELIVERED)
        assert (row.state, row.due_at) == (STATE.DELIVERED, None)


def test_a_failure_leaves_a_row_that_is_queued_for_another_attempt():
    [row] = make(STATE.QUEUED, doubts=1)
    assert tell(row, KIND.FAILED).state == STATE.QUEUED


def test_what_was_never_tried_cannot_have_arrived():
    for state in (STATE.QUEUED, STATE.CANCELLED, STATE.WITHHELD):
        [row] = make(state, attempt=0)
        assert tell(row, KIND.DELIVERED, KIND.ACCEPTED).state == state


def test_what_was_cancelled_after_an_attempt_may_still_prove_to_have_arrived():
    [row] = make(STATE.CANCELLED, error_code="aborted")
    assert tell(row, KIND.ACCEPTED, KIND.FAILED).state == STATE.CANCELLED
    assert tell(row, KIND.DELIVERED).state == STATE.DELIVERED


def test_a_former_provider_ends_nothing_and_may_have_delivered():
    [row] = make(STATE.SENDING, provider=BACKUP.key)
    assert tell(row, KIND.FAILED, KIND.ACCEPTED).state == STATE.SENDING
    tell(row, KIND.DELIVERED)
    assert (row.state, row.provider) == (STATE.DELIVERED, GATEWAY.key)


def test_a_failure_of_a_former_attempt_ends_nothing():
    [row] = make(STATE.ACCEPTED, provider_reference="second")
    assert tell(row, KIND.FAILED, reference="first").state == STATE.ACCEPTED
    assert tell(row, KIND.FAILED, reference="second").state == STATE.FAILED


def test_a_providers_clock_is_not_believed_where_it_cannot_be():
    [row] = make(STATE.ACCEPTED)
    far = timezone.now() + timedelta(days=400)
    take_receipts(provider=GATEWAY, receipts=[Receipt(KIND.DELIVERED, row.pk, at=far)])
    row.refresh_from_db()
    assert row.delivered_at is not None
    assert row.delivered_at <= timezone.now()


def test_a_reference_that_we_do_not_know_yet_is_held_and_applied_once_we_do():
    [row] = make(STATE.SENDING)
    early = [Receipt(KIND.DELIVERED, None, "SM1"), Receipt(KIND.ACCEPTED, None, "SM1")]
    assert take_receipts(provider=GATEWAY, receipts=early) == Counts(held=2)
    assert take_receipts(provider=GATEWAY, receipts=early[1:]) == Counts(held=1)
    assert apply_held() == 0
    write_back("worker", [Result(row.pk, 1, STATE.ACCEPTED, reference="SM1")])
    assert apply_held() == 1
    row.refresh_from_db()
    assert row.state == STATE.DELIVERED
    assert not HeldReceipt.objects.exists()


def test_a_known_reference_is_found_and_another_providers_is_not():
    [row] = make(STATE.ACCEPTED, provider_reference="SM1")
    take_receipts(provider=BACKUP, receipts=[Receipt(KIND.FAILED, None, "SM1")])
    assert apply_held() == 0
    take_receipts(provider=GATEWAY, receipts=[Receipt(KIND.DELIVERED, None, "SM1")])
    row.refresh_from_db()
    assert row.state == STATE.DELIVERED


def test_nobody_fills_the_table_of_what_is_held(monkeypatch):
    monkeypatch.setattr(taking, "MOST_HELD", 3)
    for start in range(0, 12, 2):
        unknown = [Receipt(KIND.DELIVERED, None, f"x{start + n}") for n in range(2)]
        take_receipts(provider=GATEWAY, receipts=unknown)
    assert HeldReceipt.objects.count() <= 4
    HeldReceipt.objects.update(received_at=timezone.now() - timedelta(hours=25))
    assert forget_old_held() > 0
    assert not HeldReceipt.objects.exists()


def test_a_delivery_that_does_not_exist_is_counted_and_kept_nowhere(listener):
    receipts = [Receipt(KIND.BOUNCED, uuid4()), Receipt(KIND.DELIVERED, uuid4(), "SM9")]
    assert take_receipts(provider=GATEWAY, receipts=receipts) == Counts(unknown=2)
    assert not HeldReceipt.objects.exists()
    assert listener.heard == []


def test_bad_addresses_are_told_to_the_floor_above(listener):
    first, second = make(STATE.ACCEPTED, 2, provider_reference="")
    Delivery.objects.filter(pk=second.pk).update(provider_reference="SM2")
    told = [Receipt(KIND.BOUNCED, first.pk), Receipt(KIND.COMPLAINED, None, "SM2")]
    take_receipts(provider=GATEWAY, receipts=told)
    assert listener.heard == [
        ([first.pk], Undeliverable.BOUNCED),
        ([second.pk], Undeliverable.COMPLAINED),
    ]
    first.refresh_from_db()
    assert first.state == STATE.FAILED


def test_one_call_of_500_receipts_asks_the_database_once(django_assert_num_queries):
    rows = make(STATE.ACCEPTED, 500)
    receipts = [Receipt(KIND.DELIVERED, row.pk) for row in rows]
    with django_assert_num_queries(1):
        counts = take_receipts(provider=GATEWAY, receipts=receipts)
    assert counts == Counts(moved=500)
    assert take_receipts(provider=GATEWAY, receipts=receipts) == Counts(unchanged=500)


@pytest.mark.django_db(transaction=True)
def test_500_receipts_from_two_threads_at_once_meet_in_no_circle():
    rows = make(STATE.SENDING, 500)
    told = [Receipt(KIND.DELIVERED, row.pk) for row in rows]
    failed = [Receipt(KIND.FAILED, row.pk, code="absent") for row in reversed(rows)]
    problems: list[str] = []
    begin = threading.Barrier(3)

    def take(receipts: list[Receipt]) -> None:
        begin.wait()
        try:
            for start in range(0, 500, 50):
                take_receipts(provider=GATEWAY, receipts=receipts[start : start + 50])
        except Exception as error:
            problems.append(repr(error))
        finally:
            connection.close()

    def write() -> None:
        begin.wait()
        try:
            done = [Result(row.pk, 1, STATE.ACCEPTED) for row in rows]
            for start in range(0, 500, 64):
                write_back("worker", done[start : start + 64])
        except Exception as error:
            problems.append(repr(error))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take, args=(told,)),
        threading.Thread(target=take, args=(failed,)),
        threading.Thread(target=write),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert set(Delivery.objects.values_list("state", "due_at")) == {(STATE.DELIVERED, None)}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_a_worker_is_writing_is_waited_for_and_not_passed_over():
    [row] = make(STATE.ACCEPTED)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Delivery.objects.select_for_update().get(pk=row.pk)
            locked.set()
            done.wait(0.3)
        connection.close()

    worker = threading.Thread(target=hold)
    worker.start()
    locked.wait()
    take_receipts(provider=GATEWAY, receipts=[Receipt(KIND.DELIVERED, row.pk)])
    worker.join()
    row.refresh_from_db()
    assert row.state == STATE.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_who_holds_a_later_row_and_wants_an_earlier_one_gets_it():
    first, last = sorted(make(STATE.ACCEPTED, 2), key=lambda row: row.pk)
    locked = threading.Event()
    problems: list[str] = []

    def want() -> None:
        try:
            with transaction.atomic():
                Delivery.objects.select_for_update().get(pk=last.pk)
                locked.set()
                time.sleep(0.5)
                Delivery.objects.select_for_update().get(pk=first.pk)
        except Exception as error:
            problems.append(type(error).__name__)
        finally:
            connection.close()

    worker = threading.Thread(target=want)
    worker.start()
    locked.wait()
    told = [Receipt(KIND.DELIVERED, row.pk) for row in (first, last)]
    assert take_receipts(provider=GATEWAY, receipts=told) == Counts(moved=2)
    worker.join()
    assert problems == []


class TestTheDoor:
    """POST /channels/sms/gateway/, as the gateway knocks."""

    @pytest.fixture(autouse=True)
    def _gateway(self, settings: Settings) -> None:
        gateway(settings)

    def test_a_signed_receipt_is_taken(self):
        [row] = make(STATE.ACCEPTED)
        answer = call({"receipts": [{"reference": str(row.pk), "status": "delivered"}]})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
        row.refresh_from_db()
        assert row.state == STATE.DELIVERED

    def test_a_forged_one_is_not_and_says_nothing(self, caplog):
        [row] = make(STATE.ACCEPTED)
        told = {"receipts": [{"reference": str(row.pk), "status": "delivered"}]}
        with caplog.at_level(logging.DEBUG):
            assert call(told, secret="another").status_code == 403
            assert call(told, secret="").status_code == 403
            unsigned = Client().post(ADDRESS, told, content_type="application/json")
        assert (unsigned.status_code, unsigned.content) == (403, b"")
        row.refresh_from_db()
        assert row.state == STATE.ACCEPTED
        assert str(row.pk) not in caplog.text

    def test_nothing_is_taken_while_no_secret_is_set(self, settings):
        gateway(settings, webhook_secret="")
        assert call({"receipts": []}, secret="").status_code == 403

    def test_what_nobody_can_read_is_refused(self):
        assert call(b"<html>", secret="the-gateways-own-secret").status_code == 400

    def test_a_reference_that_does_not_exist_is_no_error(self):
        told = {"receipts": [{"reference": str(uuid4()), "status": "delivered"}]}
        assert call(told).status_code == 200
        assert not HeldReceipt.objects.exists()

    @pytest.mark.parametrize(
        "path", ["/channels/sms/nobody/", "/channels/pigeon/gateway/", "/channels/../gateway/"]
    )
    def test_an_unknown_provider_is_not_there(self, path):
        assert Client().post(path).status_code == 404

    def test_a_body_that_is_too_long_is_not_read(self):
        body = b" " * (256 * 1024 + 1)
        assert call(body).status_code == 413
        answer = Client().post(
            ADDRESS,
            b"{}",
            content_type="application/json",
            headers=signed(b"{}"),
            CONTENT_LENGTH="99999999999",
        )
        assert answer.status_code == 413

    def test_nobody_looks_where_no_challenge_is_asked(self):
        assert Client().get(f"{ADDRESS}?hub.verify_token=a-token").status_code == 404

    def test_each_channel_says_how_long_its_calls_may_be_and_who_may_send_them(self, settings):
        """A mail with a photograph is long; a stranger's long body is not read at all."""
        relay = {"name": "relay", "shape": "anymail", "backend": "postmark", "server_token": "k"}
        settings.CHANNEL_PROVIDERS = {"mail": [relay | {"webhook_secret": "portal:hook"}]}
        address = "/channels/mail/relay/?replies=1"

        def post(body: bytes, **headers: str) -> Any:
            return Client().post(address, body, content_type="application/json", headers=headers)

        asked = post(b"{}")
        assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="channels"')
        long = b" " * 7_000_000
        assert post(long, **basic("x:y")).status_code == 403
        assert post(long, **basic("portal:hook")).status_code == 400
        answer = Client().post(
            address, b"{}", "application/json", headers=basic("portal:hook"), CONTENT_LENGTH="9" * 9
        )
        assert answer.status_code == 413
        # Mandrill asks so whether anybody is there.
        assert Client().head(address).status_code == 200
