"""The five stages of a crisis room: area, people, message, approval, live."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from crises.enums import EDITABLE, NoticeState
from crises.models import Crisis, Notice


@dataclass(frozen=True, slots=True)
class Stage:
    """`state` is done, current or todo, as components/stepper.html wants it."""

    label: str
    state: str
    url: str = ""
    hint: str = ""


def stages_of(crisis: Crisis, notice: Notice | None, current: str) -> list[Stage]:
    """What has been done for the newest notice, and where the officer stands now."""
    has_area = crisis.areas.exists()
    is_written = notice is not None
    has_texts = notice is not None and notice.texts.exists()
    is_decided = notice is not None and notice.state not in EDITABLE | {NoticeState.SUBMITTED}
    review = reverse("review_notice", args=[notice.pk]) if notice else ""
    reached = [
        ("area", _("Area"), reverse("set_area", args=[crisis.pk]), has_area),
        ("people", _("People"), reverse("preview_audience", args=[crisis.pk]), is_written),
        (
            "message",
            _("Message"),
            reverse("write_notice", args=[notice.pk]) if notice else "",
            has_texts,
        ),
        ("approval", _("Approval"), review, is_decided),
        (
            "live",
            _("Live"),
            reverse("watch_notice", args=[notice.pk]) if notice and is_decided else "",
            False,
        ),
    ]
    return [
        Stage(
            label=label,
            state="current" if name == current else "done" if is_done else "todo",
            url="" if name == current or (name != "area" and not has_area) else url,
        )
        for name, label, url, is_done in reached
    ]
