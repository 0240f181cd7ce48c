"""A crisis, where it is, what is said to whom about it, and what the people answer.

Of the people themselves only identifiers stand here; who they are, registrations alone knows.
"""

from crises.models.answers import Answer, Stopped, Submission
from crises.models.crises import LINK_GRACE, AffectedArea, Crisis
from crises.models.drafts import AlertImport, AreaDraft
from crises.models.notices import Notice, NoticeText
from crises.models.replies import REPLIES_KEPT, IncomingReply

__all__ = [
    "LINK_GRACE",
    "REPLIES_KEPT",
    "AffectedArea",
    "AlertImport",
    "Answer",
    "AreaDraft",
    "Crisis",
    "IncomingReply",
    "Notice",
    "NoticeText",
    "Stopped",
    "Submission",
]
