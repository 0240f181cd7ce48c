"""Who may do what: what a role and a post's jurisdiction allow, said once and asked everywhere.

Each app names its own permissions in its own rules.py, made of the predicates here. Ask with
`rules.has_perm(NAME, user, thing)`; a name that nobody has defined allows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

import rules

from accounts.enums import Role
from accounts.models import User

# Permission names, `app.verb_noun`.
USE_PORTAL = "accounts.use_portal"
SERVE_PEOPLE = "accounts.serve_people"
COORDINATE = "accounts.coordinate"
READ_LEDGER = "accounts.read_ledger"
OPERATE = "accounts.operate"
ACT_IN = "accounts.act_in"


def _holds(user: object, *roles: Role) -> bool:
    """Whether this is a user who may sign in and has one of these roles."""
    return isinstance(user, User) and user.is_active and user.role in roles


@rules.predicate
def is_staff(user: object) -> bool:
    return _holds(user, *Role)


@rules.predicate
def is_officer(user: object) -> bool:
    return _holds(user, Role.OFFICER)


@rules.predicate
def is_coordinator(user: object) -> bool:
    return _holds(user, Role.COORDINATOR)


@rules.predicate
def is_ledger_reader(user: object) -> bool:
    """Those who see the ledger and not the people."""
    return _holds(user, Role.DATA_PROTECTION_OFFICER, Role.AUDITOR)


@rules.predicate
def is_operator(user: object) -> bool:
    return _holds(user, Role.OPERATOR)


# Consular officers, and the coordinator in the capital who acts for every post.
serves_people = is_officer | is_coordinator


@rules.predicate
def answers_for_all(user: User, countries: Iterable[str] | None) -> bool:
    """Every one of these countries (ISO 3166) lies in the user's jurisdiction.

    An area at sea has no country, and lies in no other post's jurisdiction either: any officer
    answers for it.
    """
    if countries is None:
        return False
    return user.countries is None or user.countries.issuperset(countries)


@rules.predicate
def answers_for_some(user: User, countries: Iterable[str] | None) -> bool:
    """At least one of these countries lies in the user's jurisdiction, or there is none (sea)."""
    if countries is None:
        return False
    wanted = set(countries)
    return user.countries is None or not wanted or bool(user.countries & wanted)


rules.add_perm(USE_PORTAL, is_staff)
rules.add_perm(SERVE_PEOPLE, serves_people)
rules.add_perm(COORDINATE, is_coordinator)
rules.add_perm(READ_LEDGER, is_ledger_reader)
rules.add_perm(OPERATE, is_operator)
rules.add_perm(ACT_IN, serves_people & answers_for_all)
