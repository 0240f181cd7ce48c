"""Who of the ministry may read people at all; whom, says Person.objects.visible_to(user)."""

from __future__ import annotations

import rules

from accounts.rules import serves_people

READ_PEOPLE = "registrations.read_people"
COMPARE_PEOPLE = "registrations.compare_people"

rules.add_perm(READ_PEOPLE, serves_people)
rules.add_perm(COMPARE_PEOPLE, serves_people)
