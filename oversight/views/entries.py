"""The ledger: searched, read entry by entry, and downloaded. Each of that stands in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import rules
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.generic import TemplateView, View

from accounts.access import LedgerReaderRequiredMixin, PermissionRequiredMixin, signed_in_user
from accounts.models import User
from audit.ledger import record
from audit.models import Entry
from audit.purposes import Purpose
from oversight.details import detail_rows
from oversight.forms import SearchForm
from oversight.rules import DOWNLOAD_LEDGER
from oversight.searching import COUNTED, Place, Search, all_of, page_of, place_of, subjects_of
from oversight.words import People, name_of, what

_COLUMNS = (
    "at", "action", "what", "actor_kind", "role", "post", "account", "purpose", "object_type",
    "object_id", "people", "details", "entry",
)  # fmt: skip
# What a spreadsheet would take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class ListEntriesView(LedgerReaderRequiredMixin, TemplateView):
    """One entry in the ledger for a search, none for its further pages."""

    template_name = "oversight/list_entries.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in_user(self.request)
        form = SearchForm(self.request.GET)
        shown: dict[str, Any] = {"rows": [], "older_url": "", "download_url": "", "is_first": True}
        if form.is_valid():
            shown = self._found(form.search, user)
        return super().get_context_data(form=form, **shown, **kwargs)

    def _found(self, search: Search, user: User) -> dict[str, Any]:
        place = place_of(self.request.GET.get("after", ""), search, user)
        if place is None:
            search.record("ledger.search", by=user)
        entries, has_older = page_of(search, place)
        asked = [
            (name, value)
            for name, value in self.request.GET.items()
            if name != "after" and value != ""
        ]
        older = ""
        if has_older:
            last = Place(entries[-1].at, entries[-1].pk).sign(search, user)
            older = f"?{urlencode([*asked, ('after', last)])}"
        download = ""
        if rules.has_perm(DOWNLOAD_LEDGER, user):
            download = f"{reverse('download_entries')}?{urlencode(asked)}"
        return {
            "rows": _rows(entries),
            "older_url": older,
            "newest_url": f"?{urlencode(asked)}",
            "download_url": download,
            "is_first": place is None,
        }


def _rows(entries: list[Entry]) -> list[dict[str, Any]]:
    people = People.of(entries)
    counts = subjects_of(entries) if entries else {}
    return [
        {
            "entry": entry,
            "what": what(entry.action),
            "who": people.who(entry),
            "why": Purpose(entry.purpose).label,
            "people": min(counts.get(entry.pk, 0), COUNTED),
            "has_more": counts.get(entry.pk, 0) > COUNTED,
        }
        for entry in entries
    ]


class ReadEntryView(LedgerReaderRequiredMixin, TemplateView):
    """One entry, with the officer's name: whoever oversees must be able to speak of them."""

    template_name = "oversight/read_entry.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entry = get_object_or_404(
            Entry.objects.select_related("sealed_under__seal"), pk=kwargs["entry_id"]
        )
        record(
            action="ledger.read_entry",
            by=signed_in_user(self.request),
            purpose=Purpose.OVERSIGHT,
            object_type="audit.entry",
            object_id=entry.pk,
        )
        people = People.of([entry])
        sealed = getattr(entry, "sealed_under", None)
        return super().get_context_data(
            entry=entry,
            what=what(entry.action),
            who=people.who(entry),
            name=name_of(entry),
            why=Purpose(entry.purpose).label,
            people=entry.subjects.count(),
            has_note=entry.__dict__.get("note") is not None,
            details=detail_rows(entry.details),
            seal=sealed.seal if sealed else None,
            **kwargs,
        )


class DownloadEntriesView(PermissionRequiredMixin, View):
    """A search as CSV, for the auditor. Accounts stand there by identifier, not by name."""

    permission = DOWNLOAD_LEDGER

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = SearchForm(request.GET)
        if not form.is_valid():
            return redirect(f"{reverse('list_entries')}?{request.GET.urlencode()}")
        search = form.search
        search.record("ledger.download", by=signed_in_user(request))
        response = StreamingHttpResponse(_csv(search), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="ledger.csv"'
        response["Cache-Control"] = "no-store"
        return response


class _Echo:
    """What csv.writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def _csv(search: Search) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # Without it, spreadsheets take UTF-8 for something else.
    yield writer.writerow(_COLUMNS)
    for entries in all_of(search):
        people, counts = People.of(entries), subjects_of(entries, most=10**9)
        for entry in entries:
            yield writer.writerow(harmless(cell) for cell in _cells(entry, people, counts))


def _cells(entry: Entry, people: People, counts: dict[Any, int]) -> list[str]:
    is_user = entry.actor_kind == "user"
    return [
        entry.at.isoformat(),
        entry.action,
        what(entry.action),
        entry.actor_kind,
        entry.actor_role,
        people.posts.get(entry.actor_post, "") if entry.actor_post else "",
        entry.actor_id if is_user else "",  # Of a traveller it is a digest of theirs.
        entry.purpose,
        entry.object_type,
        entry.object_id,
        str(counts.get(entry.pk, 0)),
        " ".join(f"{row['key']}={row['value']}" for row in detail_rows(entry.details)),
        str(entry.pk),
    ]


def harmless(cell: str) -> str:
    """The text so that no spreadsheet runs it as a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
