"""Tells a load balancer whether this process can serve: does it reach its database and broker?"""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from redis.backoff import NoBackoff
from redis.retry import Retry

from audit.journal.standing import standing
from micic_portal.environment import redis_cache_url
from micic_portal.standing_in import look_after_sending

logger = logging.getLogger(__name__)


@method_decorator(never_cache, name="dispatch")
class ShowHealthView(View):
    """200 when both answer, else 503; which one fails stands in the log, not in the answer.

    503 as well while a restored database must not be served. A journal that cannot be written is
    told beside "ok", and so is a scheduler or are workers that fell silent: this process serves,
    and somebody has to look after the rest. While nobody else watches over sending, it does that.
    """

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> JsonResponse:
        healthy = all([_database_answers(), _broker_answers()])
        answer = {"status": "ok" if healthy else "unavailable"}
        if healthy:
            stand = standing()
            if not stand.is_open:
                answer["status"] = "restored" if stand.closed != "unknown" else "unavailable"
            if stand.problem:
                answer["journal"] = stand.problem
            if stand.is_open:
                answer |= look_after_sending()
        return JsonResponse(answer, status=200 if answer["status"] == "ok" else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.error("The database does not answer: %s", type(error).__name__)
        return False
    return True


def _broker_answers() -> bool:
    client = redis.Redis.from_url(
        redis_cache_url(settings.REDIS_URL),
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except redis.RedisError as error:
        logger.error("The broker does not answer: %s", type(error).__name__)
        return False
    finally:
        client.close()
    return True
