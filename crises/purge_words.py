"""Until when something is kept that goes with a crisis, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crises.models import Crisis
from crises.models.crises import PURGE_AFTER
from registrations.summary import describe_day


def purge_text(crisis: Crisis) -> str:
    """What an officer reads beside the request of someone who has erased themselves."""
    if crisis.purge_on is not None:
        return _("Erased by the person. This request stays until %(day)s.") % {
            "day": describe_day(crisis.purge_on)
        }
    return ngettext(
        "Erased by the person. This request stays until %(days)s day after the crisis is closed.",
        "Erased by the person. This request stays until %(days)s days after the crisis is closed.",
        PURGE_AFTER.days,
    ) % {"days": PURGE_AFTER.days}
