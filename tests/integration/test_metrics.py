"""The metrics: for whoever shows the token, readable by Prometheus, and about nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from notifications.enums import DeliveryState, Lane
from notifications.watching.enums import Heart, Result
from tests.factories.watching import count, heard, make_rows

pytestmark = pytest.mark.django_db
TOKEN = "a-long-token-for-the-scraper"


@pytest.fixture(autouse=True)
def _nothing_is_kept(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    cache.delete_many(["portal.metrics", "notifications.reading"])


def scrape(client: Client, token: str = TOKEN) -> Any:
    return client.get("/metrics", headers={"Authorization": f"Bearer {token}"})


def samples(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    """By name and the values of the labels, in the order of the labels' names."""
    text = scrape(client).content.decode()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_without_a_setting_there_are_none(client: Client, settings: Any):
    settings.METRICS_TOKEN = ""
    assert scrape(client).status_code == 404
    assert scrape(client, "").status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer ñ"]
)
def test_without_the_token_nothing_is_told(client: Client, header: str):
    answer = client.get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.content == b""


def test_they_say_how_sending_stands(client: Client):
    make_rows(3, due_seconds_ago=90)
    make_rows(2, held=True)
    make_rows(4, state=DeliveryState.UNCERTAIN, doubts=1, lane=Lane.ADVICE, channel="sms")
    count(Result.ACCEPTED, 20)
    count(Result.ACCEPTED, 5, shard=1)
    count(Result.ACCEPTED, 100, minutes_ago=30 * 24 * 60)
    count(Result.RETRIED, 7, code="http_503", provider="sms.gateway")
    count(Result.TAKEN_BACK, 6)
    heard(Heart.SCHEDULER, 33)
    answer = scrape(client)
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in answer["Cache-Control"]
    found = samples(client)
    assert found["portal_deliveries_due", ("mail", "crisis")] == 3
    assert found["portal_deliveries_unfinished", ("mail", "crisis", "queued")] == 3
    assert found["portal_deliveries_unfinished", ("mail", "crisis", "held")] == 2
    assert found["portal_deliveries_in_doubt", ()] == 4
    assert 90 <= found["portal_oldest_due_seconds", ("crisis",)] < 120
    assert found["portal_oldest_due_seconds", ("verification",)] == 0
    assert found["portal_provider_results_total", ("mail.smtp", "accepted")] == 125
    assert found["portal_provider_results_total", ("sms.gateway", "retried")] == 7
    assert found["portal_provider_errors_total", ("http_503", "sms.gateway")] == 7
    assert found["portal_leases_taken_back_total", ()] == 6
    assert 33 <= found["portal_heartbeat_age_seconds", ("scheduler",)] < 60
    assert found["portal_provider_circuit_open", ("mail.smtp",)] == 0


def test_the_metrics_of_an_empty_portal_can_be_read(client: Client):
    found = samples(client)
    assert found["portal_leases_taken_back_total", ()] == 0
    assert found["portal_oldest_due_seconds", ("crisis",)] == 0


def test_asked_often_they_load_no_database(client: Client, django_assert_num_queries: Any):
    first = scrape(client).content
    make_rows(3)
    with django_assert_num_queries(0):
        assert scrape(client).content == first


def test_they_name_nobody(client: Client):
    [row] = make_rows(due_seconds_ago=90)
    text = scrape(client).content.decode()
    assert str(row.pk) not in text
    assert str(row.recipient_id) not in text
    assert "@" not in text
