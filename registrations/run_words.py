"""The report of a retention run in plain words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from registrations.models import RetentionRun
from registrations.retention_steps import steps

# Other codes are shown as they are.
WORDS: dict[str, Any] = {
    "erased_drafts": _("drafts erased"),
    "ended_stays": _("residences ended that nobody confirmed"),
    "erased_stays": _("stays erased"),
    "erased_people": _("people erased"),
    "kept_open_crisis": _("kept because a crisis that concerns them is still open"),
    "erased_groups": _("groups erased"),
    "erased_addresses": _("replaced addresses erased"),
    "erased_crises": _("crises purged"),
    "erased_answers": _("answers erased"),
    "erased_stops": _("wishes for no more notices erased"),
    "erased_notices": _("notices erased"),
    "erased_submissions": _("forms sent in a crisis erased"),
    "erased_deliveries": _("deliveries erased or untied"),
    "kept_help_requests": _("open requests for help kept, tied to nobody"),
    "erased_alert_files": _("alert files erased"),
    "erased_area_drafts": _("unfinished areas erased"),
    "erased_messages": _("messages erased"),
    "erased_visits": _("visits ended"),
    "erased_alarms": _("alarms erased"),
    "erased_mails": _("mails to those who oversee erased"),
    "erased_verifications": _("verifications of the ledger erased"),
    "erased_troubles": _("troubles with sending erased"),
    "erased_tokens": _("expired tokens erased"),
}


def lines_of(run: RetentionRun) -> list[str]:
    """A line for each step: its title, and what became of it."""
    titles = {step.name: str(step.title) for step in steps()}
    return [
        f"{titles.get(name, name)}: {_counts(run.counts_of(name))}"
        for name in sorted(run.steps, key=lambda name: list(titles).index(name))
        if name in titles
    ]


def _counts(counts: dict[str, int]) -> str:
    told = [f"{number} {WORDS.get(code, code)}" for code, number in counts.items() if number]
    return ", ".join(told) or "-"
