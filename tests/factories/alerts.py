"""Alert files to read: real ones, and CAP written as a test needs it."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from crises.alert_files import AlertFile

REAL = Path(__file__).parent.parent / "data" / "alerts"
SQUARE = "10,20 10,21 11,21 11,20 10,20"


def cap(
    *,
    area: str = f"<area><areaDesc>Coast</areaDesc><polygon>{SQUARE}</polygon></area>",
    info: str | None = None,
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
    sent: str | None = None,
    drop: str = "",
    extra: str = "",
    replace: tuple[str, str] = ("", ""),
) -> bytes:
    sent = sent or timezone.now().isoformat(timespec="seconds")
    inside = info if info is not None else f"<info>{FACTS}{area}</info>"
    text = (
        f'{head}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>x-1</identifier><sender>someone</sender><sent>{sent}</sent>"
        f"<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>{inside}{extra}</alert>"
    )
    if drop:
        start, end = text.index(f"<{drop}>"), text.index(f"</{drop}>") + len(drop) + 3
        text = text[:start] + text[end:]
    return text.replace(*replace).encode() if replace[0] else text.encode()


FACTS = (
    "<language>en-US</language><category>Met</category><event>Flood</event>"
    "<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty>"
)


def polygon(text: str) -> str:
    return f"<area><areaDesc>Coast</areaDesc><polygon>{text}</polygon></area>"


def said(alert: AlertFile) -> str:
    """Everything that the reader remarks on, of the whole and of each part."""
    return " | ".join([*alert.warnings, *(line for part in alert.parts for line in part.remarks)])
