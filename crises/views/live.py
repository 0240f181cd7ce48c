"""Watching a notice go out and the answers come in."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from crises import actions
from crises.enums import NoticeState
from crises.models import Notice
from crises.reporting import LiveFigures, live_figures
from crises.views.room import NOTICE_TONES, NoticeRoomMixin
from notifications.actions import missing
from notifications.channels.installed import channel_labels
from notifications.enums import DeliveryState, MessageState

logger = logging.getLogger(__name__)
_ASKING_SHOWN = 10
_REPLICA = "replica"
_STATE_TONES = {
    DeliveryState.QUEUED: "quiet",
    DeliveryState.CLAIMED: "quiet",
    DeliveryState.SENDING: "main",
    DeliveryState.ACCEPTED: "success",
    DeliveryState.DELIVERED: "success",
    DeliveryState.FAILED: "danger",
    DeliveryState.UNCERTAIN: "warning",
    DeliveryState.WITHHELD: "quiet",
    DeliveryState.CANCELLED: "quiet",
}


class WatchNoticeView(NoticeRoomMixin, TemplateView):
    template_name = "crises/watch_notice.html"
    stage = "live"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | self.live_context()

    def live_context(self) -> dict[str, Any]:
        notice = self.the_notice
        figures = _figures(notice)
        paused = notice.message is not None and notice.message.state == MessageState.PAUSED
        is_sending = notice.state in {NoticeState.FROZEN, NoticeState.SENDING}
        handled = figures.total - figures.open
        return {
            "notice": notice,
            "figures": figures,
            "figures_at": timezone.now(),
            "state_text": _("Paused") if paused else notice.get_state_display(),
            "state_tone": "warning" if paused else NOTICE_TONES[NoticeState(notice.state)],
            "percent": round(100 * handled / figures.total) if figures.total else 0,
            "progress_text": _progress_text(figures, handled),
            "channels": _channels(figures),
            "asking": figures.asking[:_ASKING_SHOWN],
            "asking_more": max(0, figures.asking_total - _ASKING_SHOWN),
            "can_pause": is_sending and not paused,
            "can_resume": is_sending and paused,
            "can_abort": is_sending or notice.state == NoticeState.APPROVED,
            "missing": 0 if paused else _missing(notice, figures),
        }


class LiveFiguresView(WatchNoticeView):
    """The figures alone, fetched again every few seconds."""

    template_name = "crises/live_figures.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class _SteeringView(NoticeRoomMixin, View):
    """A button of the live page: one action, then the page again."""

    action: Any = None

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        try:
            type(self).action(notice=self.the_notice, by=self.officer)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("watch_notice", self.the_notice.pk)


class PauseNoticeView(_SteeringView):
    action = actions.pause_notice


class ResumeNoticeView(_SteeringView):
    action = actions.resume_notice


class AbortNoticeView(_SteeringView):
    action = actions.abort_notice


class ResendNoticeView(_SteeringView):
    action = actions.resend_notice


def _missing(notice: Notice, figures: LiveFigures) -> int:
    """Messages that can be sent again, to people whom nothing of this notice has reached."""
    if notice.message is None or not figures.in_state(DeliveryState.FAILED):
        return 0
    return missing(notice.message).count() if actions.may_resend(notice) else 0


def _figures(notice: Notice) -> LiveFigures:
    """From the replica, where there is one that answers: many officers look every few seconds,
    and what they see may be a moment old."""
    if _REPLICA in settings.DATABASES:
        try:
            return live_figures(notice, using=_REPLICA)
        except OperationalError as error:
            logger.warning("The replica does not answer: %s", type(error).__name__)
    return live_figures(notice)


def _channels(figures: LiveFigures) -> list[dict[str, Any]]:
    """A group of bars for each channel: {caption, rows, maximum}."""
    labels = channel_labels()
    states = {value: label for value, label in DeliveryState.choices}
    groups = []
    for channel, counts in sorted(figures.by_channel.items()):
        rows = [
            {
                "label": states[state],
                "value": number,
                "hint": "",
                "tone": _STATE_TONES[DeliveryState(state)],
            }
            for state in DeliveryState.values
            if (number := counts.get(state, 0))
        ]
        groups.append(
            {"caption": labels[channel], "rows": rows, "maximum": sum(counts.values()) or 1}
        )
    return groups


def _progress_text(figures: LiveFigures, handled: int) -> str:
    return _("%(handled)s of %(total)s messages handled") % {
        "handled": number_format(handled, force_grouping=True),
        "total": number_format(figures.total, force_grouping=True),
    }
