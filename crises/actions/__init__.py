"""Every write that means something in a crisis. Each takes `by` and leaves a ledger entry."""

from crises.actions.answering import answer_for, record_answer
from crises.actions.counting import count_calmly, count_draft, preview_audience
from crises.actions.deciding import approve_notice, break_glass, return_notice
from crises.actions.drafting import (
    Overtaken,
    add_pieces,
    remove_piece,
    set_pieces,
    start_draft,
    use_draft,
)
from crises.actions.handling_replies import OpenedReply, assign_reply, dismiss_reply, open_reply
from crises.actions.importing import (
    exchange_coordinates,
    import_alert,
    import_file,
    remove_typed,
    take_to_crisis,
    tick_parts,
    type_places,
)
from crises.actions.opening import close_crisis, open_crisis, set_area
from crises.actions.proving import send_waiting_proofs
from crises.actions.purging import purge_crises
from crises.actions.reading import read_person_in_crisis
from crises.actions.refusals import OpenAlready, Refused
from crises.actions.registering import register_in_crisis, report_relative
from crises.actions.replying import take_reply
from crises.actions.resending import may_resend, resend_notice
from crises.actions.sending import (
    abort_notice,
    begin_sending,
    finish_notices,
    freeze_notice,
    pause_notice,
    pause_sending,
    resume_notice,
    sweep_notices,
)
from crises.actions.stopping import erase_reported, stop_for_person, undo_stop
from crises.actions.writing import (
    start_notice,
    submit_notice,
    withdraw_notice,
    write_notice,
)

__all__ = [
    "OpenAlready",
    "OpenedReply",
    "Overtaken",
    "Refused",
    "abort_notice",
    "add_pieces",
    "answer_for",
    "approve_notice",
    "assign_reply",
    "begin_sending",
    "break_glass",
    "close_crisis",
    "count_calmly",
    "count_draft",
    "dismiss_reply",
    "erase_reported",
    "exchange_coordinates",
    "finish_notices",
    "freeze_notice",
    "import_alert",
    "import_file",
    "may_resend",
    "open_crisis",
    "open_reply",
    "pause_notice",
    "pause_sending",
    "preview_audience",
    "purge_crises",
    "read_person_in_crisis",
    "record_answer",
    "register_in_crisis",
    "remove_piece",
    "remove_typed",
    "report_relative",
    "resend_notice",
    "resume_notice",
    "return_notice",
    "send_waiting_proofs",
    "set_area",
    "set_pieces",
    "start_draft",
    "start_notice",
    "stop_for_person",
    "submit_notice",
    "sweep_notices",
    "take_reply",
    "take_to_crisis",
    "tick_parts",
    "type_places",
    "undo_stop",
    "use_draft",
    "withdraw_notice",
    "write_notice",
]
