"""Who may lead a crisis, and who may decide alone or for others."""

from __future__ import annotations

from collections.abc import Iterable

import rules

from accounts.models import User
from accounts.rules import answers_for_all, answers_for_some, serves_people
from crises.models import Notice
from geography.areas import Area
from geography.regions import country_of

LEAD_CRISIS = "crises.lead_crisis"
DECIDE_FOR = "crises.decide_for"
DRAW_AREA = "crises.draw_area"
WRITE_NOTICE = "crises.write_notice"
DECIDE_NOTICE = "crises.decide_notice"


@rules.predicate
def names_own_countries(user: User, area: Area | None) -> bool:
    """Naming a country or a region is a choice; a storm that crosses a border is none."""
    if area is None:
        return False
    named = {*area.country_codes, *(country_of(code) for code in area.region_codes)}
    return answers_for_all.test(user, named)


@rules.predicate
def is_author(user: User, notice: Notice | None) -> bool:
    return notice is not None and notice.author_id == user.pk


@rules.predicate
def answers_for_its_area(user: User, notice: Notice | None) -> bool:
    countries: Iterable[str] | None = notice.area.countries if notice is not None else None
    return answers_for_all.test(user, countries)


# A crisis that touches the user's countries, or lies at sea. The thing: countries (ISO 3166).
rules.add_perm(LEAD_CRISIS, serves_people & answers_for_some)
# Deciding alone, or for others, takes every country of the area. The thing: countries.
rules.add_perm(DECIDE_FOR, serves_people & answers_for_all)
# The thing: an area that was drawn or named.
rules.add_perm(DRAW_AREA, serves_people & names_own_countries)
# The thing: a notice. Who wrote one changes it, and another decides on it.
rules.add_perm(WRITE_NOTICE, serves_people & is_author)
rules.add_perm(DECIDE_NOTICE, serves_people & answers_for_its_area & ~is_author)
