"""What every action asks first, and how it says no."""

from __future__ import annotations

import rules
from django.utils.translation import gettext as _

from accounts.models import User
from advisories.rules import WRITE_ADVICE


class Refused(Exception):
    """The action was not done; the message is translated and may be shown."""


def must_act_in(user: User, country: str) -> None:
    if not rules.has_perm(WRITE_ADVICE, user, country):
        raise Refused(_("This country is not in the jurisdiction of your post."))


def moved_on() -> Refused:
    return Refused(_("Somebody else was faster: this page has been changed since you opened it."))
