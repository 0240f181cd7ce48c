"""Rules for what officers type into a country's page. No database."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# As dialled there, without spaces: 112, *9111, +5255....
DIALLED = r"^[+*#]?[0-9][0-9*#]{1,17}$"
MOST_NUMBERS = 4


def dialled_numbers(typed: str) -> list[str]:
    """The numbers of a line parted by commas, as they are dialled. Raises ValidationError."""
    numbers: list[str] = []
    for part in re.split(r"[,،;/\n]", typed):
        number = re.sub(r"[\s().\u2010-\u2015-]", "", part)
        if not number:
            continue
        if not number.isascii() or not re.match(DIALLED, number):
            raise ValidationError(
                _("“%(value)s” is no telephone number. Part several with commas: 112, 911."),
                params={"value": part.strip()[:40]},
            )
        if number not in numbers:
            numbers.append(number)
    if len(numbers) > MOST_NUMBERS:
        raise ValidationError(
            _("Give at most %(most)s numbers of a kind: who is in danger must not choose."),
            params={"most": MOST_NUMBERS},
        )
    return numbers
