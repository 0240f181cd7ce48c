"""What an address is told when another has taken its place."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from notifications.templates import TextOf
from registrations.texts.languages import in_each_language, state_in


def replaced_texts() -> list[TextOf]:
    """To the address that was replaced. Names nobody, for it may have become a stranger's."""
    return in_each_language(_replaced)


def _replaced(language: str) -> TextOf:
    return TextOf(
        language=language,
        subject=_("The address of a registration was changed"),
        body="\n\n".join(
            (
                _(
                    "This address belonged to a registration in the register of citizens abroad "
                    "(%(state)s). It was replaced there, or removed."
                )
                % {"state": state_in(language)},
                _("If you changed it, you need not do anything. We do not write here any more."),
                _(
                    "If it was not you, telephone your consulate at once, or sign in with another "
                    "address of yours and change it back:"
                )
                + f"\n{settings.PORTAL_URL}/",
            )
        ),
        sms=_(
            "The address of your registration (%(state)s, citizens abroad) was changed. If it was "
            "not you, telephone your consulate."
        )
        % {"state": state_in(language)},
    )
