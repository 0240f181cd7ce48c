"""What a notice's text messages will cost: an estimate, by prices that the operator has loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crises.models import Notice
from crises.previewing import Preview
from crises.sms_lengths import SmsLength
from geography.countries import country_name
from notifications.channels.sms.costs import cost_of
from notifications.enums import Channel


def sms_shares(found: Preview) -> dict[str, Any]:
    """What of a count the cost rests on, kept with the notice: shares from 0 to 1."""
    return {
        "sms": _share(found.by_channel.get(Channel.SMS, 0), found.messages),
        "languages": _shares(found.by_language),
        "countries": _shares(found.by_country),
    }


def cost_text(notice: Notice, lengths: Sequence[SmsLength]) -> str:
    """A sentence that says what the figure is and is not; empty where nothing is known."""
    shares = notice.sms_shares
    if not shares or not notice.previewed_count or not lengths:
        return ""
    messages = round(notice.previewed_count * shares["sms"])
    parts = messages * _parts_each(lengths, shares["languages"])
    cost = cost_of({country: parts * part for country, part in shares["countries"].items()})
    if not messages or cost is None:
        return ""
    said = _(
        "About %(amount)s %(currency)s for %(parts)s parts, as if each number were of the country "
        "in which its owner stays. The numbers are sealed until they are sent to; one from another "
        "country has another price."
    ) % {
        "amount": number_format(cost.amount, 2, use_l10n=True, force_grouping=True),
        "currency": cost.currency,
        "parts": number_format(round(parts), use_l10n=True, force_grouping=True),
    }
    if not cost.unpriced:
        return said
    names = ", ".join(sorted(country_name(country) for country in cost.unpriced))
    return f"{said} " + _("Not counted, for no price is loaded: %(countries)s.") % {
        "countries": names
    }


def _parts_each(lengths: Sequence[SmsLength], languages: Mapping[str, float]) -> float:
    """The parts of one message on average, by who reads which language."""
    by_language = {one.language: one.whole.parts for one in lengths}
    most = max(by_language.values())
    known = sum(languages.values())
    if not known:
        return most
    return sum(
        by_language.get(language.split("-")[0], most) * share
        for language, share in languages.items()
    )


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    return {name: _share(number, total) for name, number in counts.items()}


def _share(number: int, total: int) -> float:
    return round(number / total, 4) if total else 0.0
