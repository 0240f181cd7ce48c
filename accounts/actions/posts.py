"""Posts: opened once, and then served."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts import validation
from accounts.models import Post, User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose


@transaction.atomic
def create_post(
    *,
    name: str,
    city: str,
    country: str,
    jurisdiction: Iterable[str],
    address: str,
    telephone_24h: str,
    email: str,
    by: Actor | User,
) -> Post:
    """Open an embassy or a consulate. Raises ValidationError."""
    post = Post(
        name=name.strip(),
        city=city.strip(),
        country=validation.country_code(country),
        jurisdiction=validation.country_codes(jurisdiction),
        address=address.strip(),
        telephone_24h=validation.telephone(telephone_24h),
        email=validation.mail_address(email),
    )
    post.full_clean()
    post.save(force_insert=True)
    record(
        action="post.create",
        by=by,
        purpose=Purpose.ADMINISTRATION,
        object_type="accounts.post",
        object_id=str(post.pk),
        details={"country": post.country, "jurisdiction": post.jurisdiction},
    )
    return post
