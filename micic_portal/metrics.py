"""The metrics of sending, as Prometheus reads them: counted from the database when asked for.

Nothing is kept in this process, so that it does not matter which of them is asked. Lanes,
channels, providers and codes are named; nobody is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hmac import compare_digest

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from notifications.enums import DeliveryState, Lane
from notifications.watching.enums import ANSWERS, Result
from notifications.watching.models import Trouble
from notifications.watching.readings import (
    Reading,
    Total,
    provider_keys,
    read_lately,
    totals,
)

_FRESH_SECONDS = 5
_CACHE_KEY = "portal.metrics"


@method_decorator(never_cache, name="dispatch")
class ShowMetricsView(View):
    """404 unless a token is set; 401 without it. Asked more often, the same answer is given."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN:
            raise Http404
        shown = request.headers.get("Authorization", "").encode()
        if not compare_digest(shown, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        text = cache.get(_CACHE_KEY)
        if not isinstance(text, bytes):
            text = metrics_text()
            cache.set(_CACHE_KEY, text, _FRESH_SECONDS)
        return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def metrics_text() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Sending(read_lately(), totals()))
    return generate_latest(registry)


class _Sending(Collector):
    """What one reading says, as metrics."""

    def __init__(self, reading: Reading, total: list[Total]) -> None:
        self._reading = reading
        self._total = total

    def describe(self) -> Iterator[Metric]:
        """None beforehand: a registry that asks for them would read the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield from self._waiting()
        yield from self._results()
        yield from self._providers()
        yield from self._health()

    def _waiting(self) -> Iterator[Metric]:
        due = GaugeMetricFamily(
            "portal_deliveries_due",
            "Messages that should have been taken by a worker by now.",
            labels=["lane", "channel"],
        )
        unfinished = GaugeMetricFamily(
            "portal_deliveries_unfinished",
            "Messages with work left, by state; held back are those of a paused notice.",
            labels=["lane", "channel", "state"],
        )
        waits: Counter[tuple[str, str]] = Counter()
        states: Counter[tuple[str, str, str]] = Counter()
        for one in self._reading.waiting:
            lane = _lane(one.lane)
            waits[lane, one.channel] += one.due
            states[lane, one.channel, "held" if one.held else one.state] += one.number
        for keys, number in sorted(waits.items()):
            due.add_metric(keys, number)
        for names, number in sorted(states.items()):
            unfinished.add_metric(names, number)
        oldest = GaugeMetricFamily(
            "portal_oldest_due_seconds",
            "For how long the oldest message of a lane has been due; 0 where none is.",
            labels=["lane"],
        )
        for each in Lane:
            oldest.add_metric([_lane(each)], self._reading.oldest.get(each, 0.0))
        doubt = GaugeMetricFamily(
            "portal_deliveries_in_doubt",
            "Messages of which it is being found out whether the provider took them.",
        )
        doubt.add_metric(
            [],
            sum(w.number for w in self._reading.waiting if w.state == DeliveryState.UNCERTAIN),
        )
        yield from (due, unfinished, oldest, doubt)

    def _results(self) -> Iterator[Metric]:
        results = CounterMetricFamily(
            "portal_provider_results",
            "Results of attempts that were written back.",
            labels=["provider", "result"],
        )
        errors = CounterMetricFamily(
            "portal_provider_errors",
            "Attempts that were not taken, by the portal's own code.",
            labels=["provider", "code"],
        )
        withheld = CounterMetricFamily(
            "portal_deliveries_withheld", "Messages not sent: answered, erased, no consent."
        )
        taken_back = CounterMetricFamily(
            "portal_leases_taken_back", "Messages taken back from a worker that fell silent."
        )
        answers: Counter[tuple[str, str]] = Counter()
        codes: Counter[tuple[str, str]] = Counter()
        others: Counter[str] = Counter()
        for one in self._total:
            if one.result not in ANSWERS:
                others[one.result] += one.number
                continue
            answers[one.provider or "none", one.result] += one.number
            if one.result != Result.ACCEPTED:
                codes[one.provider or "none", one.code] += one.number
        for keys, number in sorted(answers.items()):
            results.add_metric(keys, number)
        for keys, number in sorted(codes.items()):
            errors.add_metric(keys, number)
        withheld.add_metric([], others[Result.WITHHELD])
        taken_back.add_metric([], others[Result.TAKEN_BACK])
        yield from (results, errors, withheld, taken_back)

    def _providers(self) -> Iterator[Metric]:
        circuit = GaugeMetricFamily(
            "portal_provider_circuit_open",
            "1 while a provider is left alone because it fails.",
            labels=["provider"],
        )
        stands = {one.key: one.is_open for one in self._reading.stands}
        for key in provider_keys(self._reading):
            circuit.add_metric([key], float(stands.get(key, False)))
        yield circuit

    def _health(self) -> Iterator[Metric]:
        hearts = GaugeMetricFamily(
            "portal_heartbeat_age_seconds",
            "Since when nothing was heard of the scheduler, of any worker, or of the watch.",
            labels=["name"],
        )
        for name, beat in sorted(self._reading.hearts.items()):
            hearts.add_metric([name.value], beat.age)
        troubles = GaugeMetricFamily(
            "portal_troubles", "Troubles that the operators were told of, by kind.", labels=["kind"]
        )
        kinds = Trouble.objects.filter(ended_at=None).order_by("kind")
        for kind, number in sorted(Counter(kinds.values_list("kind", flat=True)).items()):
            troubles.add_metric([kind], number)
        yield from (hearts, troubles)


def _lane(lane: int) -> str:
    return Lane(lane).name.lower()
