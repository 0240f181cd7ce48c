"""Every write of a registration that means something."""

from registrations.actions.codes import confirm_code, has_live_code, send_code
from registrations.actions.consenting import give_consent, withdraw_consent
from registrations.actions.drafts import (
    DraftGone,
    change_draft,
    erase_draft,
    erase_expired_drafts,
    start_draft,
)
from registrations.actions.keys import index_person, reindex_person
from registrations.actions.leaving import (
    BadLastDay,
    confirm_stays,
    extend_stay,
    leave_stays,
    return_to_stays,
)
from registrations.actions.merging import MergeRefused, merge_people, undo_merge
from registrations.actions.people import (
    Incomplete,
    complete_registration,
    erase_person,
    register,
)
from registrations.actions.retention import erase_ended_stays
from registrations.actions.signing_in import (
    note_sign_in,
    people_proved_by,
    tell_apart,
    unfinished_registration,
)
from registrations.actions.verdicts import part_people, take_back_verdict

__all__ = [
    "BadLastDay",
    "DraftGone",
    "Incomplete",
    "MergeRefused",
    "change_draft",
    "complete_registration",
    "confirm_code",
    "confirm_stays",
    "erase_draft",
    "erase_ended_stays",
    "erase_expired_drafts",
    "erase_person",
    "extend_stay",
    "give_consent",
    "has_live_code",
    "index_person",
    "leave_stays",
    "merge_people",
    "note_sign_in",
    "part_people",
    "people_proved_by",
    "register",
    "reindex_person",
    "return_to_stays",
    "send_code",
    "start_draft",
    "take_back_verdict",
    "tell_apart",
    "undo_merge",
    "unfinished_registration",
    "withdraw_consent",
]
