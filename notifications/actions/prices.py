"""Keeping what a text message costs, by country. About nobody."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose
from notifications.channels.sms.models import SmsPrice


@transaction.atomic
def load_sms_prices(*, prices: Sequence[SmsPrice], by: Actor) -> None:
    """Keep these prices in place of all that were loaded before: a price that is old is none."""
    SmsPrice.objects.all().delete()
    SmsPrice.objects.bulk_create(prices)
    record(
        action="sms_price.load",
        by=by,
        purpose=Purpose.MAINTENANCE,
        details={"countries": len(prices), "currency": prices[0].currency},
    )
