"""Every write that means something here: preparing messages, and holding or stopping them."""

from notifications.actions.control import (
    AbortReport,
    MessageMoved,
    abort,
    cancel_for_subject,
    cancel_purposes,
    pause,
    resume,
)
from notifications.actions.forgetting import erase_deliveries, forget_subjects, give_to
from notifications.actions.preparation import create_message, freeze, queue_one
from notifications.actions.resending import ResendReport, missing, resend_missing

__all__ = [
    "AbortReport",
    "MessageMoved",
    "ResendReport",
    "abort",
    "cancel_for_subject",
    "cancel_purposes",
    "create_message",
    "erase_deliveries",
    "forget_subjects",
    "freeze",
    "give_to",
    "missing",
    "pause",
    "queue_one",
    "resend_missing",
    "resume",
]
