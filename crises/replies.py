"""What somebody means who answers a notice by a text of their own. Rules only: nothing is read.

In Spanish, English, French and Arabic: a word or a number, with the notice's code before or after
it. What is not wholly understood marks nobody, save that a call for help is believed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
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
_POLITE = _all_of(
    "please thanks ok okay a",
    "por favor gracias",
    "s svp merci",
    "شكرا من فضلك",
)
_JOINING = _all_of("and y et e")
_OF_ONESELF = _all_of(
    "i am im m we are re have",
    "estoy estamos me he hemos todo",
    "je j suis nous sommes ai",
    "انا نحن لقد",
)
# Around a call for help only: who needs to be safe is not.
_WANTING = _all_of("need", "necesito necesitamos", "besoin d de l", "احتاج نحتاج الي")
_AROUND = _POLITE | _JOINING | _OF_ONESELF | _WANTING
# These say "very well", "surely" or a name as soon as they stand alone.
_WEAK = _all_of("fine well", "bien seguro segura", "امن امنه")
# "We are left": here, by everybody.
_STAYING = _all_of("am im m are re")
# A sign may deny what the words say, or ask. These do not; no other is known not to.
_HARMLESS_SIGNS = frozenset("+\U0001f44d\U0001f64f\U0001f44c\U0001f642\U0001f60a\u2705\u2714\u2764")
_ASKING = frozenset("?\u037e\u061f\u203d\u2047\u2048\u2049\u2753\u2754\u00bf")
# A question that its author did not end as one.
_INVERTED = re.compile(r"\b(am i|are we|suis je|sommes nous)\b")
_SOS = "\U0001f198"
# Beginnings of words that an officer should read first; no answer is made of them.
_ALARMING = tuple(
    _all_of(
        "help emergenc urgen danger trapped stuck injur wounded bleed hurt dying dead fire attack",
        "ayud auxil socorr peligro atrapad herid sangr mueri muert incendi ataque ahog",
        "aide secour bless coinc piege saigne mort mour feu attaqu noye",
        "مساعد ساعد نجد انقذ طوار خطر محاصر مصاب جريح جرح نزيف عالق حريق قصف يموت غرق",
    )
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

    `has_note`: there are words around a call for help. `is_urgent`: it may be such a call, whether
    or not it was understood. Its repr shows no text.
    """

    choice: Choice | None = None
    stops: bool = False
    code: str = ""
    trouble: Trouble | None = None
    has_note: bool = False
    is_urgent: bool = False


def read_reply(text: str) -> Reading:
    """Never raises, whatever the text is."""
    read = text.strip()[:LONGEST]
    plain = _plain(read)
    tokens = _TOKEN.findall(plain.replace(_SOS, " sos ").replace("thank you", "thanks"))
    parts = [_apart(token) for token in tokens]
    words = [word for word, _code in parts if word]
    found = _meaning_of(words, [code for _word, code in parts if code])
    # What nobody may take for granted: a question, a sign that may deny, the end of a long text.
    is_whole = len(text.strip()) <= LONGEST
    is_doubtful = bool(_INVERTED.search(" ".join(words))) or _has_doubtful_signs(read)
    is_calm = found.stops or found.choice in {Choice.SAFE, Choice.LEFT}
    if is_calm and (is_doubtful or not is_whole):
        found = Reading(code=found.code, trouble=Trouble.NOT_UNDERSTOOD)
    return replace(found, is_urgent=_may_call(words))


def _meaning_of(words: list[str], codes: list[str]) -> Reading:
    if len(set(codes)) > 1:
        return Reading(trouble=Trouble.CONTRADICTION)
    code = codes[0] if codes else ""
    around = [word for word in words if word not in _MEANING]
    strange = [word for word in around if word not in _AROUND]
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
    is_call = meaning == Choice.NEED_HELP
    if (strange and not is_call) or (is_call and _DENIALS & set(strange)):
        return Reading(code=code, trouble=Trouble.NOT_UNDERSTOOD)
    if not is_call and not _stands(set(answers), set(around)):
        return Reading(code=code, trouble=Trouble.NOT_UNDERSTOOD)
    if meaning == _STOP:
        return Reading(stops=True, code=code)
    return Reading(choice=Choice(meaning), code=code, has_note=bool(strange))


def _stands(answers: set[str], around: set[str]) -> bool:
    """Whether words that say no call for help say it for certain with the words around them."""
    numbers = {word for word in answers if word.isdigit()}
    said = answers - numbers
    if around & _WANTING or ("left" in said and around & _STAYING):
        return False
    if said - _WEAK:
        return True
    # "Nous sommes 3" counts people; "bien" answers nothing; "1 bien" and "estoy bien" do.
    if said:
        return bool(numbers or around & _OF_ONESELF)
    return around <= _POLITE


def _has_doubtful_signs(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text)
    return any(
        sign in _ASKING
        or (unicodedata.category(sign) in {"So", "Sm", "Sc"} and sign not in _HARMLESS_SIGNS)
        for sign in {*text, *plain}
    )


def _may_call(words: list[str]) -> bool:
    return any(
        _MEANING.get(word) == Choice.NEED_HELP or word.removeprefix("ال").startswith(_ALARMING)
        for word in words
    )


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
