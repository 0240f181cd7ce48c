"""What the declarations cannot say: who answers for the register, who else gets anything, and how
it is protected. Each sentence is about the whole portal; lists of data come from declarations."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

RECIPIENTS = (
    _("The consulates of this State and its crisis coordinators, each within their own countries."),
    _(
        "Partner agencies, under a written agreement and with the consent of each person. What "
        "their programs can read today is about crises and about no person."
    ),
    _("The mail and SMS providers that carry a message: the address and the words of it."),
    _("The family contacts of a person who agreed to it: how that person is."),
    _("Nobody else. Not the police, not the tax office, not immigration, no company."),
)
TRANSFERS = (
    _("Consulates abroad work in this same register: it is copied to no other country."),
    _("A message to a telephone or a mailbox abroad travels through the providers there."),
)
SECURITY = (
    _("Names, addresses and words are encrypted, field by field, with keys kept elsewhere."),
    _("Each encrypted value is tied to its row and its person, and opens nowhere else."),
    _("Staff sign in with a second factor, and see only what their post and role allow."),
    _("Opening a record takes a listed reason, and stands in a ledger nobody can alter."),
    _("The person reads in that ledger which consulate looked at their data, when and why."),
    _("What is no longer needed is erased every day, by the clock, and each run is recorded."),
    _("No log, link or task holds personal data. Backups are encrypted."),
)
NEVER_COLLECTED = (
    _("immigration status"),
    _("religion"),
    _("ethnic origin"),
    _("fingerprints, faces or any other biometrics"),
)


def controller() -> str:
    """Whose register this is, in the active language."""
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return str(settings.STATE_NAMES.get(language, settings.STATE_NAME))
