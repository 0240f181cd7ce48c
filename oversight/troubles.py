"""Troubles with sending in words: what is wrong, how bad it is, and where to look first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from notifications.channels.installed import channel_labels
from notifications.enums import Lane
from notifications.watching.enums import TroubleKind
from notifications.watching.models import Trouble

_STUCK: dict[str, Any] = {
    str(Lane.CRISIS.value): gettext_lazy("Crisis notices are stuck"),
    str(Lane.VERIFICATION.value): gettext_lazy("Codes are stuck"),
    str(Lane.ADVICE.value): gettext_lazy("Advice is stuck"),
}
_FIRST_LOOK: dict[str, Any] = {
    TroubleKind.LANE_STUCK: gettext_lazy(
        "See whether the scheduler and a worker are alive, then whether a provider fails."
    ),
    TroubleKind.CHANNEL_SILENT: gettext_lazy(
        "See which errors the channel's providers give, and whether their access still holds."
    ),
    TroubleKind.PROVIDER_DOWN: gettext_lazy(
        "See which errors it gives. The channel's next provider takes over, if one is described."
    ),
    TroubleKind.DOUBTS: gettext_lazy(
        "See whether the line to the provider is slow or breaks. People may get a message twice."
    ),
    TroubleKind.SCHEDULER_SILENT: gettext_lazy(
        "Start the scheduler. Until then nothing is tried again, and no lease is taken back."
    ),
    TroubleKind.WORKERS_SILENT: gettext_lazy(
        "Start the workers, and see whether the broker answers. Until then nothing is sent."
    ),
}


def title(trouble: Trouble) -> str:
    """What is wrong, in a few words: of the lane, channel or provider it is about."""
    if trouble.kind == TroubleKind.LANE_STUCK:
        return str(_STUCK[trouble.subject])
    if trouble.kind == TroubleKind.CHANNEL_SILENT:
        channel = channel_labels().get(trouble.subject, trouble.subject)
        return _("Nothing goes out over this channel: %(channel)s") % {"channel": channel}
    if trouble.kind == TroubleKind.PROVIDER_DOWN:
        return _("This provider fails: %(provider)s") % {"provider": trouble.subject}
    if trouble.kind == TroubleKind.DOUBTS:
        return _("Many messages are in doubt at this provider: %(provider)s") % {
            "provider": trouble.subject
        }
    return str(TroubleKind(trouble.kind).label)


def figure(trouble: Trouble) -> str:
    """How bad it has been at its worst, in one sentence."""
    if trouble.kind == TroubleKind.LANE_STUCK:
        return _("The oldest message waited for %(time)s.") % {"time": lasting(trouble.worst)}
    if trouble.kind == TroubleKind.CHANNEL_SILENT:
        return ngettext(
            "%(number)d message waited.", "%(number)d messages waited.", trouble.worst
        ) % {"number": trouble.worst}
    if trouble.kind == TroubleKind.PROVIDER_DOWN:
        return ngettext(
            "It failed %(number)d time in a row.",
            "It failed %(number)d times in a row.",
            trouble.worst,
        ) % {"number": trouble.worst}
    if trouble.kind == TroubleKind.DOUBTS:
        return ngettext(
            "Of %(number)d message nobody knew whether it was taken.",
            "Of %(number)d messages nobody knew whether they were taken.",
            trouble.worst,
        ) % {"number": trouble.worst}
    return _("Nothing was heard for %(time)s.") % {"time": lasting(trouble.worst)}


def first_look(trouble: Trouble) -> str:
    return str(_FIRST_LOOK[trouble.kind])


def lasting(seconds: float) -> str:
    """A time in one unit: seconds below two minutes, then minutes, hours or days."""
    if seconds < 120:
        whole = int(seconds)
        return ngettext("%(number)d second", "%(number)d seconds", whole) % {"number": whole}
    now = timezone.now()
    return timesince(now - dt.timedelta(seconds=seconds), now, depth=1)
