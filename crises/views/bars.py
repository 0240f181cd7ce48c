"""A preview as groups of bars: {caption, rows, maximum}, what is left out told from the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crises.enums import Confidence, Match
from crises.previewing import Preview
from crises.settling import LeftOut
from geography.countries import country_name
from notifications.channels.installed import channel_labels
from registrations.locating import town_of_region

_REGIONS_SHOWN = 8
_COUNTRIES_SHOWN = 12

Group = dict[str, Any]


def class_groups(preview: Preview, *, is_relay: bool = False) -> list[Group]:
    """Who is included and who is left out, by the classes that an officer chooses from."""
    groups = [_class_bars(_("How sure the place is"), Match.choices, preview.by_match, preview)]
    if not is_relay:
        groups.append(
            _class_bars(
                _("How fresh the registration is"),
                Confidence.choices,
                preview.by_confidence,
                preview,
            )
        )
    if preview.reported_people:
        by_others = _left_out(_("Reported by others, not proved"), preview.reported_people)
        themselves = _row(_("Registered, and agreed to be contacted"), preview.people)
        groups.append(_group(_("Who said that they are there"), [themselves, by_others]))
    if preview.by_reason:
        words = dict(LeftOut.choices)
        rows = [
            {**_left_out(words[reason], number), "hint": _("Not written to")}
            for reason, number in preview.by_reason.items()
        ]
        groups.append(_group(_("Why others there are not written to"), rows))
    return groups


def audience_groups(preview: Preview) -> list[Group]:
    """Those included, by what reaches them and by where they are."""
    return [
        _channels(preview),
        _bars(_("Language"), preview.by_language, dict(settings.LANGUAGES).__getitem__),
        *_places(preview),
    ]


def _channels(preview: Preview) -> Group:
    labels = channel_labels()
    rows = [_row(labels[key], number) for key, number in _ranked(preview.by_channel)]
    if preview.unreachable:
        row = _row(_("No proved address: nothing reaches them"), preview.unreachable, "warning")
        row["hint"] = _("People")
        rows.append(row)
    group = _group(_("Messages by channel"), rows)
    if preview.duplicates:
        group["note"] = ngettext(
            "%(number)d message goes to an address that somebody else's goes to as well.",
            "%(number)d messages go to addresses that somebody else's go to as well.",
            preview.duplicates,
        ) % {"number": preview.duplicates}
    return group


def _places(preview: Preview) -> list[Group]:
    groups = []
    if preview.by_country:
        groups.append(
            _top(_("Country"), preview.by_country, country_name, _COUNTRIES_SHOWN, _("Elsewhere"))
        )
    known = {key: number for key, number in preview.by_region.items() if not key.endswith(".")}
    if len(known) > 1:
        top = _top(_("Region, by its largest town"), known, _region_name, _REGIONS_SHOWN,
                   _("Other regions"))  # fmt: skip
        unknown = sum(preview.by_region.values()) - sum(known.values())
        if unknown:
            top["rows"].append(_row(_("No region known"), unknown, "quiet"))
        groups.append(top)
    return groups


def _region_name(code: str) -> str:
    country, _dot, admin1 = code.partition(".")
    town = town_of_region(country, admin1)
    return f"{town.name}, {country_name(country)}" if town else country_name(country)


def _class_bars(caption: str, choices: Any, counts: Mapping[str, int], preview: Preview) -> Group:
    rows = []
    for value, label in choices:
        number = counts.get(value, 0)
        if value in preview.chosen:
            rows.append({**_row(label, number), "hint": _("Included")})
        elif preview.left_out is not None:  # Of nobody too: that there is nobody is an answer.
            rows.append(_left_out(label, number))
    return _group(caption, rows)


def _left_out(label: Any, number: int) -> dict[str, Any]:
    return {**_row(label, number, "left-out"), "hint": _("Left out")}


def _top(
    caption: str, counts: Mapping[str, int], label: Callable[[str], str], most: int, rest: str
) -> Group:
    ranked = _ranked(counts)
    rows = [_row(label(key), number) for key, number in ranked[:most]]
    if len(ranked) > most:
        others = _row(rest, sum(number for _key, number in ranked[most:]), "quiet")
        rows.append(others)
    return _group(caption, rows)


def _bars(caption: str, counts: Mapping[str, int], label: Callable[[str], Any]) -> Group:
    return _group(caption, [_row(label(key), number) for key, number in _ranked(counts)])


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _row(label: Any, value: int, tone: str = "main") -> dict[str, Any]:
    return {"label": label, "value": value, "hint": "", "tone": tone}


def _group(caption: str, rows: list[dict[str, Any]]) -> Group:
    maximum = max((row["value"] for row in rows), default=0) or 1
    return {"caption": caption, "rows": rows, "maximum": maximum, "note": ""}
