"""What somebody means who answers a notice by a text of their own. Rules only: nothing is read.

In Spanish, English, French and Arabic: a word or a number, with the notice's code before or after
it. What is not wholly understood marks nobody, save that a call for help is believed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from crises.enums import Choice
from notifications.links import REPLY_ALPHABET, REPLY_LENGTH

LONGEST = 1000
_ALEFS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": ""})
_STOP = "stop"
# As they stand once accents, case and the varieties of one letter are gone.
_WORDS: dict[str, tuple[str, ...]] = {
    Choice.SAFE: (
        "1 safe fine well",
        "bien salvo seguro segura",
        "sauf sauve",
        "سالم سالمه بخير امن امنه",
    ),
    Choice.NEED_HELP: (
        "2 help sos",
        "ayuda ayudenme ayudame socorro auxilio",
        "aide aidez secours",
        "مساعده المساعده نجده النجده ساعدوني انقذوني",
    ),
    Choice.LEFT: (
        "3 left gone",
        "sali salimos",
        "parti partie partis parties",
        "غادرت رحلت غادرنا",
    ),
    _STOP: ("stop unsubscribe", "baja", "arret arreter", "توقف ايقاف"),
}
_MEANING = {
    word: meaning for meaning, lines in _WORDS.items() for line in lines for word in line.split()
}


def _all_of(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# What may stand around such a word without changing it. No word that denies, asks or doubts; and
# "ok" by itself may only mean that somebody has read the notice.
_AROUND = _all_of(
    "i am im m we are re need please thanks thank you have and a ok okay",
    "estoy estamos me necesito necesitamos por favor gracias he hemos y todo",
    "je j suis nous sommes ai besoin d de l e s svp merci et",
    "انا نحن احتاج نحتاج الي شكرا من فضلك لقد",
)
_DENIALS = _all_of(
    "no not dont don t never cannot cant can without nobody",
    "ni nunca sin nadie tampoco",
    "ne pas n plus jamais sans",
    "لا ليس لست لسنا ما لم لن غير بدون بلا",
)
# Apart at apostrophes and brackets: "l'aide", "parti(e)".
_TOKEN = re.compile(r"[^\W_]+")


class Trouble(StrEnum):
    """Why a text says nothing that could be recorded."""

    NOT_UNDERSTOOD = "not_understood"
    CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: one answer, or a wish for no more, and the code of a notice ("" for none).

    `note` is what stands around a call for help. Its repr shows no text.
    """

    choice: Choice | None = None
    stops: bool = False
    code: str = ""
    trouble: Trouble | None = None
    has_note: bool = False


def read_reply(text: str) -> Reading:
    """Never raises, whatever the text is."""
    parts = [_apart(token) for token in _TOKEN.findall(_plain(text[:LONGEST]))]
    words = [word for word, _code in parts if word]
    codes = {code for _word, code in parts if code}
    if len(codes) > 1:
        return Reading(trouble=Trouble.CONTRADICTION)
    code = next(iter(codes), "")
    strange = [word for word in words if word not in _MEANING and word not in _AROUND]
    # "Help, room 3": amid other words a number is an answer only where it comes first.
    answers = [word for word in words if word in _MEANING]
    if strange:
        answers = [one for one in answers if not one.isdigit() or one == words[0]]
    meanings = {_MEANING[word] for word in answers}
    if len(meanings) > 1:
        return Reading(code=code, trouble=Trouble.CONTRADICTION)
    if not meanings:
        return Reading(code=code, trouble=Trouble.NOT_UNDERSTOOD)
    [meaning] = meanings
    is_call = meaning == Choice.NEED_HELP and not _DENIALS & set(strange)
    if strange and not is_call:
        return Reading(code=code, trouble=Trouble.NOT_UNDERSTOOD)
    if meaning == _STOP:
        return Reading(stops=True, code=code)
    return Reading(choice=Choice(meaning), code=code, has_note=bool(strange))


def _plain(text: str) -> str:
    """Without case, accents, vowel signs and the varieties of digits and of Arabic letters."""
    apart = unicodedata.normalize("NFKD", text.translate(_ALEFS)).casefold()
    bare = "".join(sign for sign in apart if not unicodedata.category(sign).startswith(("M", "Cf")))
    digits = (
        str(unicodedata.digit(sign)) if unicodedata.category(sign) == "Nd" else sign
        for sign in bare
    )
    return "".join(digits).translate(_ALEFS)


def _apart(token: str) -> tuple[str, str]:
    """A word, and the code that it is or that was written against a number: "1k7qm"."""
    if _is_code(token):
        return "", token.upper()
    if len(token) == REPLY_LENGTH + 1:
        before, after = token[0] in "123", token[-1] in "123"
        ends = [
            pair
            for pair, fits in (
                ((token[0], token[1:]), before),
                ((token[-1], token[:-1]), after),
            )
            if fits and _is_code(pair[1])
        ]
        if len(ends) == 1:
            return ends[0][0], ends[0][1].upper()
    return token, ""


def _is_code(token: str) -> bool:
    return len(token) == REPLY_LENGTH and set(token.upper()) <= REPLY_ALPHABET
