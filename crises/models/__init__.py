"""A crisis, where it is, what is said to whom about it, and what the people answer.

Of the people themselves only identifiers stand here; who they are, registrations alone knows.
"""

from crises.models.answers import Answer, Stopped, Submission
from crises.models.crises import LINK_GRACE, AffectedArea, Crisis
from crises.models.drafts import AlertImport, AreaDraft
from crises.models.notices import Notice, NoticeText

__all__ = [
    "LINK_GRACE",
    "AffectedArea",
    "AlertImport",
    "Answer",
    "AreaDraft",
    "Crisis",
    "Notice",
    "NoticeText",
    "Stopped",
    "Submission",
]
