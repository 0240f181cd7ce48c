"""How many parts a notice takes as a text message, in each language, and why."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from crises.models import Notice
from crises.texts import WHY, compose, sms_frames
from notifications.channels.sms.fragments import Encoding, Fragments, fragments
from notifications.links import link_for, reply_code

# More than these, and it is the script rather than a letter or two.
_LETTERS_NAMED = 6
_NOBODY = uuid.UUID(int=0)


@dataclass(slots=True, frozen=True)
class SmsLength:
    """One language's text message, filled in with values of the usual length. `frame` is what the
    portal writes by itself."""

    language: str
    whole: Fragments
    frame: Fragments

    @property
    def name(self) -> str:
        """In the reader's own language: a line that begins in another script runs its way."""
        return str(get_language_info(self.language)["name_translated"]).capitalize()

    @property
    def size(self) -> str:
        return ngettext(
            "%(parts)d part (%(units)d of %(limit)d characters)",
            "%(parts)d parts (%(units)d of %(limit)d characters)",
            self.whole.parts,
        ) % {"parts": self.whole.parts, "units": self.whole.units, "limit": self.whole.limit}

    @property
    def reason(self) -> str:
        """Why a part holds less than it might; empty where it holds the most."""
        if self.whole.encoding is Encoding.GSM7:
            return ""
        room = {"few": 70, "many": 160} if self.whole.parts == 1 else {"few": 67, "many": 153}
        if self.frame.foreign:
            if len(self.frame.foreign) > _LETTERS_NAMED:
                return (
                    _("In this script a part holds %(few)d characters instead of %(many)d.") % room
                )
            return _(
                "A part holds %(few)d characters instead of %(many)d, because of %(letters)s in "
                "what the portal adds."
            ) % (room | {"letters": " ".join(self.frame.foreign)})
        return _(
            "A part holds %(few)d characters instead of %(many)d, because of %(letters)s in your "
            "words."
        ) % (room | {"letters": _named(self.whole.foreign)})

    @property
    def room(self) -> str:
        """Before anything is written: what the portal's own words leave."""
        left = self.frame.limit - self.frame.units
        return ngettext(
            "The portal adds %(units)d characters; %(left)d more fit into %(parts)d part.",
            "The portal adds %(units)d characters; %(left)d more fit into %(parts)d parts.",
            self.frame.parts,
        ) % {"units": self.frame.units, "left": left, "parts": self.frame.parts}


def sms_lengths(notice: Notice) -> list[SmsLength]:
    """In every language of the portal once something is written: who reads a language that was
    left empty gets another one's words."""
    frames = sms_frames(notice)
    whole = {text.language: text.sms for text in compose(notice)} or frames
    return [
        SmsLength(language, fragments(_filled(text)), fragments(_filled(frames[language])))
        for language, text in whole.items()
    ]


def _filled(text: str) -> str:
    """With a link and a code as long as anybody's."""
    text = text.replace("{link}", link_for(_NOBODY)).replace("{" + WHY + "}", "")
    return text.replace("{reply_code}", reply_code(_NOBODY))


def _named(letters: tuple[str, ...]) -> str:
    return " ".join(letters[:_LETTERS_NAMED]) + (" …" if len(letters) > _LETTERS_NAMED else "")
