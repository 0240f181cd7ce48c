"""Every write to posts and users, each with its ledger entry in the same transaction."""

from accounts.actions.posts import create_post
from accounts.actions.second_factors import (
    note_second_factor_added,
    note_second_factor_removed,
    reset_second_factor,
)
from accounts.actions.sessions import (
    begin_session,
    end_session,
    erase_ended_sessions,
    keep_session,
    revoke_sessions,
)
from accounts.actions.users import (
    change_password,
    create_officer,
    deactivate_user,
    note_lock_out,
    note_refused_sign_in,
    note_sign_in,
    note_sign_out,
    unlock_user,
    void_password,
)

__all__ = [
    "begin_session",
    "change_password",
    "create_officer",
    "create_post",
    "deactivate_user",
    "end_session",
    "erase_ended_sessions",
    "keep_session",
    "note_lock_out",
    "note_refused_sign_in",
    "note_second_factor_added",
    "note_second_factor_removed",
    "note_sign_in",
    "note_sign_out",
    "reset_second_factor",
    "revoke_sessions",
    "unlock_user",
    "void_password",
]
