"""The message with a code."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.templates import TextOf
from registrations.texts.languages import state_in


def verification_text(language: str) -> TextOf:
    """The message with a code. It names no one, for the address may be a stranger's."""
    with override(language):
        state = state_in(language)
        return TextOf(
            language=language,
            subject=_("Your code: {code}"),
            body=_(
                "{code} is your code for the register of citizens abroad (%(state)s).\n\n"
                "Type it on the page where you asked for it. It works for 15 minutes, once.\n\n"
                "If you did not ask for it, do nothing: without the code nobody is registered "
                "with this address."
            )
            % {"state": state},
            sms=_("{code} is your code for the register of citizens abroad (%(state)s).")
            % {"state": state},
        )
