"""What kind of danger an alert is about: one word for each, out of the many that feeds use."""

from __future__ import annotations

import re

# The order decides: a tsunami alert speaks of its earthquake as well, a hurricane's of floods.
_WORDS: tuple[tuple[str, str], ...] = (
    ("tsunami", r"tsunami|maremoto|raz de mar[ée]e|تسونامي"),
    ("earthquake", r"earthquake|seism|terremoto|sismo|s[ée]isme|tremblement de terre|زلزال"),
    (
        "tropical_cyclone",
        r"tropical (?:cyclone|storm|depression)|cyclone|hurricane|typhoon|cicl[óo]n|hurac[áa]n"
        r"|tif[óo]n|tormenta tropical|ouragan|typhon|temp[êe]te tropicale|إعصار",
    ),
    ("volcano", r"volcan|eruption|erupci[óo]n|ashfall|lahar|بركان"),
    ("wildfire", r"wild ?fire|forest fire|bush ?fire|incendio forestal|feux? de for[êe]t|حرائق"),
    ("flood", r"flood|inundaci[óo]n|inondation|crues?\b|فيضان"),
    ("landslide", r"landslide|mudslide|debris flow|deslizamiento|glissement de terrain|انهيار"),
    ("drought", r"drought|sequ[íi]a|s[ée]cheresse|جفاف"),
    ("tornado", r"tornado"),
)
_PATTERNS = [(hazard, re.compile(words, re.IGNORECASE)) for hazard, words in _WORDS]


def hazard_in(*texts: str) -> str:
    """The hazard that the first text to name one names, such as "earthquake"; else ""."""
    for text in texts:
        for hazard, pattern in _PATTERNS:
            if pattern.search(text):
                return hazard
    return ""
