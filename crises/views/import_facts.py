"""What an alert file said, in rows for a page."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crises.alert_files import FileFormat
from crises.models import AlertImport


def facts_of(imported: AlertImport) -> list[dict[str, str]]:
    """{label, value} for each fact that the file states."""
    facts, expires = imported.facts, imported.expires
    sent = parse_datetime(facts.get("sent") or "")
    scales = (facts["urgency"], facts["severity"], facts["certainty"])
    rows = [
        (_("Format"), dict(FileFormat.choices).get(imported.format, "")),
        (_("From"), facts["sender_name"] or facts["sender"]),
        (_("Event"), facts["event"]),
        *((measure_word(name), value) for name, value in facts.get("measures", {}).items()),
        (_("Sent"), f"{date_format(sent, 'j M Y H:i')} UTC" if sent else ""),
        (_("Status"), facts["status"]),
        (_("Valid until"), f"{date_format(expires, 'j M Y H:i')} UTC" if expires else ""),
        (_("Area"), facts["area_description"]),
        (_("Urgency, severity, certainty"), "" if _is_unknown(scales) else " · ".join(scales)),
        (_("What it says"), facts["description"]),
        (_("What it advises"), facts["instruction"]),
    ]
    return [{"label": label, "value": str(value)} for label, value in rows if value]


def remarks_on(imported: AlertImport) -> list[str]:
    """What is to be looked at before the area is used, each once."""
    remarks: list[str] = list(imported.remarks)
    if imported.is_swapped:
        remarks.append(_("Latitude and longitude are read the other way round, as you asked."))
    remarks += imported.facts["warnings"]
    # What is said beside an element is not said again above all of them.
    beside = {remark for part in imported.parts for remark in part["remarks"]}
    return [remark for remark in dict.fromkeys(remarks) if remark not in beside]


def measure_word(name: str) -> str:
    words: dict[str, Any] = {
        "magnitude": _("Magnitude"),
        "alert_level": _("Alert level"),
        "depth_km": _("Depth in kilometres"),
        "intensity": _("Intensity"),
        "population": _("People there, by the file"),
        "countries": _("Countries, by the file"),
    }
    return str(words.get(name) or name.replace("_", " ").capitalize())


def _is_unknown(scales: tuple[str, ...]) -> bool:
    return all(scale in {"", "Unknown"} for scale in scales)
