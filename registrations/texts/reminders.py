"""What people are asked about their stays: before one ends, and of a residence every year.

Neither names the person. A text message carries one link alone: the page behind it offers to stop.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.templates import TextOf
from registrations.texts.languages import in_each_language, state_in


def ending_texts() -> list[TextOf]:
    """Before the last day of a stay. Fills in place, days, link and stop."""
    return in_each_language(_ending)


def yearly_texts() -> list[TextOf]:
    """Of a residence that nobody has confirmed for a year. Fills in place, days, link and stop."""
    return in_each_language(_yearly)


def _ending(language: str) -> TextOf:
    days = settings.STAY_RETENTION_DAYS
    return TextOf(
        language=language,
        subject=_("Your stay ends soon: is that still right?"),
        body="\n\n".join(
            (
                _("The register of citizens abroad (%(state)s) has this stay of yours:")
                % {"state": state_in(language)},
                "{place}\n{days}",
                ngettext(
                    "If that is right, you need not do anything. The stay is erased %(count)d day "
                    "after it ends.",
                    "If that is right, you need not do anything. The stay is erased %(count)d days "
                    "after it ends.",
                    days,
                )
                % {"count": days},
                _("If you stay longer, or have left already, tell us here, without signing in:")
                + "\n{link}",
                _foot(),
            )
        ),
        sms=_("Your stay ends soon: {place}. Staying longer, or left? {link}"),
    )


def _yearly(language: str) -> TextOf:
    return TextOf(
        language=language,
        subject=_("Do you still live there?"),
        body="\n\n".join(
            (
                _("A year ago you told the register of citizens abroad (%(state)s) of this stay:")
                % {"state": state_in(language)},
                "{place}\n{days}",
                _("Is it still right? One tap tells us, without signing in:") + "\n{link}",
                _(
                    "We ask once a year, so that in a crisis we look for people where they are. "
                    "When two of these questions stay without an answer, the stay ends and is "
                    "erased."
                ),
                _foot(),
            )
        ),
        sms=_("Do you still live there? {place}. Please tell us: {link}"),
    )


def _foot() -> str:
    return _("To get no more reminders:") + "\n{stop}"
