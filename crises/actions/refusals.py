"""What every action of a crisis asks first, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable

import rules
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Post, User
from accounts.rules import SERVE_PEOPLE
from audit.purposes import Purpose
from crises.enums import CRISIS_TRANSITIONS, NOTICE_TRANSITIONS, Confidence, Match
from crises.models import Crisis, Notice
from crises.rules import DECIDE_FOR, DRAW_AREA, LEAD_CRISIS, WRITE_NOTICE
from geography.areas import Area
from geography.countries import country_name
from geography.regions import country_of

# Nobody calls more than three at night.
_POSTS_NAMED = 3


class Refused(Exception):
    """The action was not done; the message is translated and may be shown."""


class OpenAlready(Refused):
    """A crisis is open from this alert, or from one that it updates or cancels."""


def purpose_of(crisis: Crisis) -> Purpose:
    return Purpose.EXERCISE if crisis.is_drill else Purpose.CRISIS


def must_lead(user: User, countries: Iterable[str]) -> None:
    """An officer leads a crisis that touches their countries or lies at sea."""
    if rules.has_perm(LEAD_CRISIS, user, countries):
        return
    if not rules.has_perm(SERVE_PEOPLE, user):
        raise Refused(_no_officer())
    raise Refused(
        _("This area is not in the countries of your post. %(whom)s")
        % {"whom": whom_to_ask(countries)}
    )


def must_see_all(user: User, countries: Iterable[str]) -> None:
    """Deciding alone, or for others, takes jurisdiction over every country of the area."""
    if rules.has_perm(DECIDE_FOR, user, countries):
        return
    if not rules.has_perm(SERVE_PEOPLE, user):
        raise Refused(_no_officer())
    beyond = sorted(set(countries) - (user.countries or frozenset()))
    raise Refused(
        _("The area reaches into other posts' countries (%(countries)s). %(whom)s")
        % {
            "countries": ", ".join(country_name(code) for code in beyond),
            "whom": whom_to_ask(beyond),
        }
    )


def must_name_own(user: User, area: Area) -> None:
    """Naming another post's country or region whole is a choice, and theirs to make."""
    if rules.has_perm(DRAW_AREA, user, area):
        return
    if not rules.has_perm(SERVE_PEOPLE, user):
        raise Refused(_no_officer())
    named = {*area.country_codes, *(country_of(code) for code in area.region_codes)}
    beyond = sorted(named - (user.countries or frozenset()))
    raise Refused(
        _("You can choose only countries of your own post, not %(countries)s. %(whom)s")
        % {
            "countries": ", ".join(country_name(code) for code in beyond),
            "whom": whom_to_ask(beyond),
        }
    )


def whom_to_ask(countries: Iterable[str]) -> str:
    """The posts that answer for those countries, with the numbers that are answered at night."""
    codes = sorted(set(countries))
    posts = Post.objects.for_countries(codes)[:_POSTS_NAMED] if codes else ()
    named = ", ".join(f"{post.name} ({post.telephone_24h})" for post in posts)
    if not named:
        return _("Ask the crisis coordinators in the capital, who act for every post.")
    return _(
        "Ask %(posts)s, or the crisis coordinators in the capital, who act for every post."
    ) % {"posts": named}


def _no_officer() -> str:
    return _("Only a consular officer or a crisis coordinator may do this.")


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
