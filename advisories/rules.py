"""Who may write a country's page: the post that answers for it, and the coordinator."""

from __future__ import annotations

import rules

from accounts.models import User
from accounts.rules import answers_for_all, serves_people
from advisories.models import Advice

WRITE_ADVICE = "advisories.write_advice"
PUBLISH_ADVICE = "advisories.publish_advice"


@rules.predicate
def answers_for_country(user: User, country: str | None) -> bool:
    return country is not None and answers_for_all.test(user, [country])


@rules.predicate
def answers_for_its_country(user: User, advice: Advice | None) -> bool:
    return advice is not None and answers_for_all.test(user, [advice.country])


@rules.predicate
def wrote_it(user: User, advice: Advice | None) -> bool:
    return advice is not None and advice.written_by_id == user.pk


# The thing: a country (ISO 3166).
rules.add_perm(WRITE_ADVICE, serves_people & answers_for_country)
# The thing: a draft, which another than its author publishes.
rules.add_perm(PUBLISH_ADVICE, serves_people & answers_for_its_country & ~wrote_it)
