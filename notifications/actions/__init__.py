"""Every write that means something here: preparing messages, and holding or stopping them."""

from notifications.actions.control import (
    AbortReport,
    MessageMoved,
    abort,
    cancel_for_subject,
    pause,
    resume,
)
from notifications.actions.preparation import create_message, freeze, queue_one

__all__ = [
    "AbortReport",
    "MessageMoved",
    "abort",
    "cancel_for_subject",
    "create_message",
    "freeze",
    "pause",
    "queue_one",
    "resume",
]
