"""The officers' crisis pages by name, and somebody signed in to open them."""

from __future__ import annotations

from pathlib import Path

from django.test import Client

from accounts.enums import Role
from accounts.models import User
from crises.models import Notice

ALERTS = Path(__file__).parents[1] / "data" / "alerts"
BYSTANDERS = (Role.DATA_PROTECTION_OFFICER, Role.AUDITOR, Role.OPERATOR)

# What hangs on no crisis of anybody's; what hangs on one; what only changes something.
OPEN_PAGES = ("list_crises", "open_crisis", "import_alert", "start_draft")
CRISIS_PAGES = ("show_crisis", "set_area", "preview_audience", "list_replies")
REPLY_PAGES = ("read_reply", "assign_reply", "dismiss_reply")
NOTICE_PAGES = ("write_notice", "review_notice", "watch_notice", "live_figures")
# What only the officer sees who read the file, or began the area.
IMPORT_PAGES = ("review_import", "show_import_area", "choose_alert")
DRAFT_PAGES = ("edit_area", "area_pieces", "count_draft")
CRISIS_BUTTONS = ("close_crisis",)
NOTICE_BUTTONS = (
    "submit_notice",
    "withdraw_notice",
    "approve_notice",
    "pause_notice",
    "resume_notice",
    "abort_notice",
    "resend_notice",
)
POINT = {"latitude": "27.7", "longitude": "85.3"}
REASONED = ("return_notice", "break_glass")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def state_of(notice: Notice) -> tuple[str, str]:
    found = Notice.objects.select_related("crisis").get(pk=notice.pk)
    return found.state, found.crisis.state
