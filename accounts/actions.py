"""Every write to posts and users, each with its ledger entry in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import validation
from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import Actor
from audit.ledger import record
from audit.purposes import Purpose


def _note_on(user: User, action: str, *, by: Actor | User | None) -> None:
    record(
        action=action,
        by=by,
        purpose=Purpose.ADMINISTRATION,
        object_type="accounts.user",
        object_id=str(user.pk),
        details={"role": user.role},
    )


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


@transaction.atomic
def create_officer(
    *,
    email: str,
    name: str,
    role: Role | str,
    post: Post | None,
    password: str,
    by: Actor | User,
    language: str = "en",
) -> User:
    """Give someone of the ministry a way in, in any role. Raises ValidationError."""
    checked_role = validation.role(role)
    if checked_role is Role.OFFICER and post is None:
        raise ValidationError(_("A consular officer belongs to a post."))
    user = User(
        email=validation.mail_address(email),
        name=name.strip(),
        role=checked_role,
        post=post,
        language=validation.language(language),
    )
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    _note_on(user, "user.create", by=by)
    return user


@transaction.atomic
def deactivate_user(*, user: User, by: Actor | User) -> None:
    """Take a user's way in, and end every session at once."""
    User.objects.filter(pk=user.pk).update(
        is_active=False, session_version=F("session_version") + 1
    )
    user.refresh_from_db()
    _note_on(user, "user.deactivate", by=by)


@transaction.atomic
def revoke_sessions(*, user: User, by: Actor | User) -> None:
    """End every session of this user, on every machine."""
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    user.refresh_from_db()
    _note_on(user, "user.revoke_sessions", by=by)


@transaction.atomic
def change_password(*, user: User, password: str, by: Actor | User) -> None:
    """Set a password that was checked before. Ends every other session."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _note_on(user, "user.change_password", by=by)


def note_sign_in(*, by: User) -> None:
    _note_on(by, "user.sign_in", by=by)


def note_sign_out(*, by: User) -> None:
    _note_on(by, "user.sign_out", by=by)


def note_refused_sign_in(*, email: str) -> None:
    """A wrong password. Of an address that is nobody's, nothing is kept."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        record(
            action="user.refuse_sign_in",
            by=None,
            purpose=Purpose.ADMINISTRATION,
            details={"known": False},
        )
    else:
        _note_on(user, "user.refuse_sign_in", by=None)
