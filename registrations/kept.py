"""How long a registration and what hangs on it is kept, in words that follow the settings."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from privacy.periods import Period
from privacy.processing import DataSubject, LegalBasis

# An address that another took the place of is told so, and goes.
REPLACED_DAYS: Final = 7


def _days() -> int:
    return int(settings.STAY_RETENTION_DAYS)


def _after_a_stay() -> str:
    return ngettext(
        "Until %(days)d day after the stay ends. If a crisis there is still open, until it is "
        "over.",
        "Until %(days)d days after the stay ends. If a crisis there is still open, until it is "
        "over.",
        _days(),
    ) % {"days": _days()}


def _after_the_last_stay() -> str:
    return ngettext(
        "Until %(days)d day after the last stay ends. If a crisis there is still open, until it "
        "is over.",
        "Until %(days)d days after the last stay ends. If a crisis there is still open, until it "
        "is over.",
        _days(),
    ) % {"days": _days()}


def _after_the_journey() -> str:
    return ngettext(
        "Until %(days)d day after the last day of the group's journey.",
        "Until %(days)d days after the last day of the group's journey.",
        _days(),
    ) % {"days": _days()}


def _after_what_was_reported() -> str:
    return ngettext(
        "Until %(days)d day after the last day that was reported; for a year where none was.",
        "Until %(days)d days after the last day that was reported; for a year where none was.",
        _days(),
    ) % {"days": _days()}


def _after_it_was_replaced() -> str:
    return ngettext(
        "Until %(days)d day after it was replaced.",
        "Until %(days)d days after it was replaced.",
        REPLACED_DAYS,
    ) % {"days": REPLACED_DAYS}


WITH_STAY = Period(_after_a_stay, _days)
WITH_REGISTRATION = Period(_after_the_last_stay, _days)
WITH_GROUP = Period(_after_the_journey, _days)
REPLACED = Period(_after_it_was_replaced, lambda: REPLACED_DAYS)
WITH_REPORT = Period(_after_what_was_reported, _days)

# Who registers agrees to it. Of whom others tell, a report is kept so that nobody in danger is
# overlooked, until they agree or have it erased.
BASIS_OF_PERSON = {
    DataSubject.TRAVELLER: LegalBasis.CONSENT,
    DataSubject.REPORTED: LegalBasis.VITAL_INTEREST,
}

# What several tables serve together: the record and the notice speak of them as one.
REGISTER = _("Know who is abroad, how to reach them, and who must be looked for together")
FIND_TWICE = _("Notice when one person was entered twice, and undo it where that was wrong")
PROVE = _("Keep what was typed until it is sent, and prove that an address is theirs who typed it")
GROUPS = _("Let people who travel together register together")
REPORTS = _("Know who said what about someone, and let that person answer")
