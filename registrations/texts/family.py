"""What a family contact is told: that they are listed, by whom, and what it means."""

from __future__ import annotations

from django.utils.translation import gettext as _

from notifications.templates import TextOf
from registrations.texts.languages import in_each_language, state_in


def listed_texts() -> list[TextOf]:
    """Fills in name (of the person who listed them) and link."""
    return in_each_language(_listed)


def _listed(language: str) -> TextOf:
    state = {"state": state_in(language)}
    return TextOf(
        language=language,
        subject=_("You are listed as a family contact"),
        body="\n\n".join(
            (
                _(
                    "{name} is in the register of citizens abroad (%(state)s) and has listed you "
                    "as someone to call at home."
                )
                % state,
                _(
                    "What it means: if something serious happens where {name} is, the consulate "
                    "may call you or write to you to find {name} and, if {name} agreed to it, to "
                    "tell you how they are. You need not do anything now."
                ),
                _(
                    "We keep your name and how to reach you, encrypted, use them for nothing "
                    "else, and erase them together with the registration."
                ),
                _("If you do not want to be listed, tell us here, without signing in:")
                + "\n{link}",
            )
        ),
        sms=_(
            "{name} listed you as family contact (%(state)s, citizens abroad). "
            "If you do not want this: {link}"
        )
        % state,
    )
