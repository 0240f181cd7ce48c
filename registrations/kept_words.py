"""What stays after an erasure, why and until when, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registrations.erasing import Kept
from registrations.summary import describe_day


@dataclass(frozen=True, slots=True)
class KeptWords:
    """Whole sentences, for the person and for who erases for them."""

    what: str
    why: str
    until: str

    @property
    def lines(self) -> list[str]:
        return [self.what, self.why, self.until]


def kept_words(kept: Kept) -> KeptWords:
    return KeptWords(_what(kept), _why(kept), _until(kept))


def held_text(names: Collection[str]) -> str:
    """Why a stay whose time is over is still there: the crises it is kept for."""
    named = sorted(name for name in names if name)
    if not named:
        return _("Its time is over. It is kept until a crisis that concerns it is closed.")
    return _("Its time is over. It is kept until this crisis is closed: %(crises)s") % {
        "crises": ", ".join(named)
    }


def _what(kept: Kept) -> str:
    if kept.reason == "help_request" and kept.with_contact:
        return _(
            "The request for help in “%(crisis)s”: that somebody asked, when, where they wrote "
            "they were, and the contact that you left for it. Nothing else that leads to you."
        ) % {"crisis": kept.about}
    if kept.reason == "help_request":
        return _(
            "The request for help in “%(crisis)s”: that somebody asked, when, and where they wrote "
            "they were. No name, no address, no telephone, and nothing that leads to you."
        ) % {"crisis": kept.about}
    return _("A record that the law demands (%(code)s).") % {"code": kept.reason}


def _why(kept: Kept) -> str:
    if kept.reason == "help_request":
        return _(
            "The law obliges the consulate to help citizens in danger, and nobody has closed this "
            "request yet."
        )
    return _("The law obliges us to keep it.")


def _until(kept: Kept) -> str:
    if kept.until is not None:
        return _("It is erased on %(day)s.") % {"day": describe_day(kept.until)}
    return ngettext(
        "It is erased %(days)s day after the crisis is closed.",
        "It is erased %(days)s days after the crisis is closed.",
        kept.days,
    ) % {"days": kept.days}
