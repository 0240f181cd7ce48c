"""What every action of a crisis asks first, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rules import SERVE_PEOPLE
from audit.purposes import Purpose
from crises.enums import CRISIS_TRANSITIONS, NOTICE_TRANSITIONS, Confidence, Match
from crises.models import Crisis, Notice
from crises.rules import DECIDE_FOR, LEAD_CRISIS, WRITE_NOTICE
from geography.countries import country_name


class Refused(Exception):
    """The action was not done; the message is translated and may be shown."""


def purpose_of(crisis: Crisis) -> Purpose:
    return Purpose.EXERCISE if crisis.is_drill else Purpose.CRISIS


def must_lead(user: User, countries: Iterable[str]) -> None:
    """An officer leads a crisis that touches their countries or lies at sea."""
    if not rules.has_perm(LEAD_CRISIS, user, countries):
        raise Refused(_("This crisis is not in the countries of your post."))


def must_see_all(user: User, countries: Iterable[str]) -> None:
    """Deciding alone, or for others, takes jurisdiction over every country of the area."""
    if rules.has_perm(DECIDE_FOR, user, countries):
        return
    beyond = sorted(set(countries) - (user.countries or frozenset()))
    raise Refused(
        _("The area reaches into other posts' countries (%(countries)s): ask a coordinator.")
        % {"countries": ", ".join(country_name(code) for code in beyond)}
        if beyond and rules.has_perm(SERVE_PEOPLE, user)
        else _("Only a consular officer or a crisis coordinator may do this.")
    )


def must_be_open(crisis: Crisis) -> None:
    if not crisis.is_open:
        raise Refused(_("This crisis is closed."))


def must_be_author(notice: Notice, user: User) -> None:
    if not rules.has_perm(WRITE_NOTICE, user, notice):
        raise Refused(_("Only its author may do this. Write a notice of your own."))


def must_be_in_time(notice: Notice) -> None:
    if notice.expires_at is None or notice.expires_at <= timezone.now():
        raise Refused(_("The notice has expired. Set a new time of expiry first."))


def must_include_someone(classes: Iterable[str]) -> None:
    chosen = set(classes)
    known = set(Match.values) | set(Confidence.values)
    if not chosen <= known or not chosen & set(Match.values) or not chosen & set(Confidence.values):
        raise Refused(_("Choose at least one kind of place and one kind of registration."))


def sources_of(state: str, *, table: dict[str, frozenset[str]] = NOTICE_TRANSITIONS) -> list[str]:
    """The states from which the table lets a notice come to this one."""
    return [before for before, after in table.items() if state in after]


def sources_of_crisis(state: str) -> list[str]:
    return sources_of(state, table=CRISIS_TRANSITIONS)


def moved_on() -> Refused:
    return Refused(_("Somebody else was faster: the notice is no longer in that state."))
