"""What every page behind a link in a message has in common."""

from __future__ import annotations

import logging
from typing import Any

from django.core.cache import cache
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from notifications.links import delivery_id_from
from notifications.models import Delivery
from privacy.tokens import keyed_digest
from registrations.views.nameless import NamelessPageView

logger = logging.getLogger(__name__)

# People change their minds a few times; a program that has got hold of a link tries for ever.
CHANGES_PER_HOUR = 30
_HOUR = 3600


class LinkPageView(NamelessPageView):
    """A page whose token names a delivery of one of `purposes` (of any, when there are none).

    The link itself is the proof. When it expires is for each page to say.
    """

    purposes: frozenset[str] = frozenset()
    delivery: Delivery | None = None
    was_ours = False

    def find(self, **kwargs: Any) -> None:
        delivery_id = delivery_id_from(kwargs["token"])
        if delivery_id is None:
            return
        rows = Delivery.objects.filter(pk=delivery_id).select_related("message")
        if self.purposes:
            rows = rows.filter(message__purpose__in=self.purposes)
        self.delivery = rows.first()
        # Its row goes with whom it was about; that we made the link shows all the same.
        self.was_ours = (
            self.delivery is not None or not Delivery.objects.filter(pk=delivery_id).exists()
        )

    def language_of_message(self) -> str:
        return self.delivery.language if self.delivery else ""

    def gone(self) -> HttpResponse:
        """A link that we did not make, or what it was about is erased."""
        return self.show(
            "registrations/link_gone.html",
            {"was_ours": self.was_ours},
            410 if self.was_ours else 404,
        )

    def too_many(self) -> str:
        """Count a change through this link; return what to say when it is one too many, or ""."""
        if self.delivery is None or _may_change(self.delivery):
            return ""
        return _("Too many changes came through this link. Try again in an hour.")


def _may_change(delivery: Delivery) -> bool:
    """Without the cache, nobody is turned away."""
    window = int(timezone.now().timestamp()) // _HOUR
    digest = keyed_digest("link-limit", delivery.pk.bytes).hex()[:32]
    key = f"links:{digest}:{window}"
    try:
        cache.add(key, 0, timeout=_HOUR + 60)
        return int(cache.incr(key)) <= CHANGES_PER_HOUR
    except (RedisError, OSError, ValueError) as error:
        logger.warning("The counters of links cannot be read: %s", type(error).__name__)
        return True
