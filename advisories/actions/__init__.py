"""Every write that means something here: writing, publishing and telling of a change."""

from advisories.actions.announcing import announce_digest, announce_urgent
from advisories.actions.publishing import confirm_advice, publish_advice
from advisories.actions.refusals import Refused
from advisories.actions.writing import AdviceContent, discard_draft, write_advice

__all__ = [
    "AdviceContent",
    "Refused",
    "announce_digest",
    "announce_urgent",
    "confirm_advice",
    "discard_draft",
    "publish_advice",
    "write_advice",
]
