"""What a person is told whom someone else reported: by whom, and that they are not registered."""

from __future__ import annotations

from functools import partial

from django.utils.translation import gettext as _

from notifications.templates import TextOf
from registrations.enums import Source
from registrations.texts.languages import in_each_language, state_in


def invitation_texts(source: str) -> list[TextOf]:
    """For a report of that source. Fills in name (of who reported) and link."""
    return in_each_language(partial(_invitation, source))


def _invitation(source: str, language: str) -> TextOf:
    state = {"state": state_in(language)}
    return TextOf(
        language=language,
        subject=_("You are not registered yet"),
        body="\n\n".join(
            (
                _said_by(source) % state,
                _(
                    "You are not registered yet: you decide that yourself. Whoever is registered "
                    "is written to by the consulate when something serious happens where they are."
                ),
                _("See what was said, register yourself, or have it erased:") + "\n{link}",
                _(
                    "If you do nothing, we do not write to you again because of this, and it is "
                    "erased after the journey. {name} does not learn what you do."
                ),
            )
        ),
        sms=_("{name} named you as a traveller (%(state)s, citizens abroad). Register or erase:")
        % state
        + " {link}",
    )


def _said_by(source: str) -> str:
    if source == Source.GROUP:
        return _(
            "A group you belong to, {name}, has told the register of citizens abroad (%(state)s) "
            "that you travel or live abroad."
        )
    if source == Source.COMPANION:
        return _(
            "Someone you travel with, {name}, has told the register of citizens abroad "
            "(%(state)s) that you go abroad together."
        )
    return _(
        "Someone close to you, {name}, has told the register of citizens abroad (%(state)s) that "
        "you are abroad."
    )
