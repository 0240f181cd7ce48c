"""Every write of a registration that means something."""

from registrations.actions.changing import (
    NotAgreed,
    OnlyOne,
    TooMany,
    add_stay,
    change_facts,
    change_needs,
    change_statistics,
    change_stay,
    leave_group,
    remove_stay,
)
from registrations.actions.changing_contacts import (
    add_untyped_contact,
    remove_contact,
    say_where_contact_works,
    take_proved_contact,
)
from registrations.actions.changing_people import (
    Objected,
    add_companion,
    change_companion,
    remove_companion,
    remove_family_contact,
    save_family_contact,
)
from registrations.actions.codes import confirm_code, has_live_code, send_code
from registrations.actions.consenting import (
    TextMovedOn,
    give_consent,
    keep_consent,
    withdraw_consent,
)
from registrations.actions.drafts import (
    DraftGone,
    change_draft,
    erase_draft,
    erase_expired_drafts,
    start_draft,
)
from registrations.actions.erasing import erase_on_request, erase_person, would_keep
from registrations.actions.groups import (
    TooManyGroups,
    close_group,
    erase_group_leftovers,
    register_group,
    renew_link,
)
from registrations.actions.inviting import send_invitations
from registrations.actions.keys import index_person, reindex_person
from registrations.actions.leaving import (
    BadLastDay,
    confirm_stays,
    extend_stay,
    leave_stays,
    return_to_stays,
)
from registrations.actions.leftovers import erase_leftovers
from registrations.actions.merging import (
    MergeRefused,
    merge_people,
    undo_merge,
    why_not_merge,
)
from registrations.actions.people import (
    Incomplete,
    complete_registration,
    register,
)
from registrations.actions.relaying import agree_to_relay, stop_relaying
from registrations.actions.reminding import (
    ask_residents,
    end_unanswered,
    remind_of_ends,
    resume_reminders,
    stop_reminders,
)
from registrations.actions.reporting import (
    adopt_report,
    has_refused,
    refuse_report,
    report_person,
)
from registrations.actions.retention import erase_ended_stays
from registrations.actions.running import (
    RunUnderWay,
    StepsFailed,
    is_interrupted,
    run_retention,
)
from registrations.actions.signing_in import (
    note_sign_in,
    people_proved_by,
    tell_apart,
    unfinished_registration,
)
from registrations.actions.telling import (
    erase_replaced,
    object_to_listing,
    tell_families,
    tell_family,
    tell_replaced,
)
from registrations.actions.uploads import (
    TooManyUploads,
    UploadMoved,
    begin_taking,
    check_upload,
    discard_upload,
    ring_uploads,
    start_upload,
    take_upload,
)
from registrations.actions.verdicts import part_people, take_back_verdict

__all__ = [
    "BadLastDay",
    "DraftGone",
    "Incomplete",
    "MergeRefused",
    "NotAgreed",
    "Objected",
    "OnlyOne",
    "RunUnderWay",
    "StepsFailed",
    "TextMovedOn",
    "TooMany",
    "TooManyGroups",
    "TooManyUploads",
    "UploadMoved",
    "add_companion",
    "add_stay",
    "add_untyped_contact",
    "adopt_report",
    "agree_to_relay",
    "ask_residents",
    "begin_taking",
    "change_companion",
    "change_draft",
    "change_facts",
    "change_needs",
    "change_statistics",
    "change_stay",
    "check_upload",
    "close_group",
    "complete_registration",
    "confirm_code",
    "confirm_stays",
    "discard_upload",
    "end_unanswered",
    "erase_draft",
    "erase_ended_stays",
    "erase_expired_drafts",
    "erase_group_leftovers",
    "erase_leftovers",
    "erase_on_request",
    "erase_person",
    "erase_replaced",
    "extend_stay",
    "give_consent",
    "has_live_code",
    "has_refused",
    "index_person",
    "is_interrupted",
    "keep_consent",
    "leave_group",
    "leave_stays",
    "merge_people",
    "note_sign_in",
    "object_to_listing",
    "part_people",
    "people_proved_by",
    "refuse_report",
    "register",
    "register_group",
    "reindex_person",
    "remind_of_ends",
    "remove_companion",
    "remove_contact",
    "remove_family_contact",
    "remove_stay",
    "renew_link",
    "report_person",
    "resume_reminders",
    "return_to_stays",
    "ring_uploads",
    "run_retention",
    "save_family_contact",
    "say_where_contact_works",
    "send_code",
    "send_invitations",
    "start_draft",
    "start_upload",
    "stop_relaying",
    "stop_reminders",
    "take_back_verdict",
    "take_proved_contact",
    "take_upload",
    "tell_apart",
    "tell_families",
    "tell_family",
    "tell_replaced",
    "undo_merge",
    "unfinished_registration",
    "why_not_merge",
    "withdraw_consent",
    "would_keep",
]
