"""Users: opened, closed, given another password; and what their signing in leaves behind."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import lockouts, validation
from accounts.actions.noting import note_on
from accounts.actions.sessions import close_sessions, end_all_sessions
from accounts.enums import Role
from accounts.models import Post, User
from audit.actors import Actor
from audit.journal import journal
from audit.ledger import record
from audit.purposes import Purpose


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
    note_on(user, "user.create", by=by)
    return user


@transaction.atomic
def deactivate_user(*, user: User, by: Actor | User) -> None:
    """Take a user's way in, and end every session at once."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    end_all_sessions(user)
    journal("user.deactivated", row_id=user.pk)
    note_on(user, "user.deactivate", by=by)


@transaction.atomic
def change_password(
    *, user: User, password: str, by: Actor | User, keep: UUID | None = None
) -> None:
    """Set a password that was checked before. Ends every session but `keep`."""
    user.set_password(password)
    user.save(update_fields=["password"])  # Each session's hash holds the password's.
    close_sessions(user, keep=keep)
    journal("user.password_changed", row_id=user.pk)
    note_on(user, "user.change_password", by=by)


@transaction.atomic
def void_password(*, user: User, by: Actor | User) -> bool:
    """Let no password open this account until its user asks for another by mail.

    False when none did.
    """
    if not user.has_usable_password():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    close_sessions(user)
    note_on(user, "user.change_password", by=by)
    return True


@transaction.atomic
def unlock_user(*, user: User, by: Actor | User) -> int:
    """Forget the refused tries with this user's address. Returns how many there were."""
    forgotten = lockouts.forget(user.email)
    note_on(user, "user.unlock", by=by, tries=forgotten)
    return forgotten


def note_sign_in(*, by: User) -> None:
    note_on(by, "user.sign_in", by=by)


def note_sign_out(*, by: User) -> None:
    note_on(by, "user.sign_out", by=by)


def note_refused_sign_in(*, email: str) -> None:
    """A wrong password or code. Of an address that is nobody's, nothing is kept."""
    _note_on_whoever("user.refuse_sign_in", email)


def note_lock_out(*, email: str) -> None:
    """Too many of them in a row. Of an address that is nobody's, nothing is kept."""
    _note_on_whoever("user.lock_out", email)


def _note_on_whoever(action: str, email: str) -> None:
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is not None:
        note_on(user, action, by=None)
    else:
        record(
            action=action,
            by=None,
            purpose=Purpose.ADMINISTRATION,
            details={"known": False},
        )
