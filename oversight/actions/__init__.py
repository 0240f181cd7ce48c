"""What oversight does: look, raise, tell, verify, publish and handle."""

from oversight.actions.alarms import AlreadyHandled, handle_alarm
from oversight.actions.clearing import bind_steps
from oversight.actions.mailing import send_waiting_mails
from oversight.actions.publishing import publish_heads
from oversight.actions.sending import watch_sending
from oversight.actions.verifying import verify_ledger
from oversight.actions.watching import look

__all__ = [
    "AlreadyHandled",
    "bind_steps",
    "handle_alarm",
    "look",
    "publish_heads",
    "send_waiting_mails",
    "verify_ledger",
    "watch_sending",
]
