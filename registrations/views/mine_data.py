"""My data: who has looked at it and why, and all of it to take along."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.generic import TemplateView

from audit.ledger import record
from audit.purposes import Purpose
from registrations.access_log import read_access_log
from registrations.enums import ConsentPurpose
from registrations.reading import read_merged, read_own
from registrations.summary import describe_day
from registrations.takeout import kept_elsewhere, take_out
from registrations.views.mine import OwnRegistrationMixin

_LINES = 200


class ReadAccessLogView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/read_access_log.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines, has_more = read_access_log(self.person_id, limit=_LINES)
        self._note()
        return super().get_context_data(
            others=[line for line in lines if not line.is_own],
            own=[line for line in lines if line.is_own],
            has_more=has_more,
            **kwargs,
        )

    @transaction.atomic
    def _note(self) -> None:
        record(
            action="registration.read_access_log",
            by=self.by,
            purpose=Purpose.RIGHTS,
            subjects=[self.person_id],
            object_type="registrations.person",
        )


class ShowDownloadsView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/show_downloads.html"


class DownloadDataView(OwnRegistrationMixin):
    """Everything, for a program: JSON in UTF-8."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = take_out(person_id=self.person_id, by=self.by, shape="json")
        text = json.dumps(data, ensure_ascii=False, indent=2)
        return attached(text, "application/json", f"registration-{data['reference']}.json")


class DownloadPageView(OwnRegistrationMixin):
    """Everything, to read and print: one page that needs nothing else."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = take_out(person_id=self.person_id, by=self.by, shape="page")
        page = render_to_string(
            "registrations/download_page.html",
            {
                "reference": data["reference"],
                "registration": read_own(person_id=self.person_id, by=self.by),
                "merged": read_merged(self.person_id),
                "consents": [_consent(row) for row in data["consents"]],
                "kept_elsewhere": kept_elsewhere(data),
                "made_on": describe_day(timezone.now().date()),
                "access_log": data["access_log"],
            },
            request=request,
        )
        return attached(page, "text/html", f"registration-{data['reference']}.html")


def attached(text: str, content_type: str, name: str) -> HttpResponse:
    """A file to keep, which no cache on the way does."""
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _consent(row: dict[str, Any]) -> dict[str, str]:
    return {
        "label": str(ConsentPurpose(row["purpose"]).label),
        "text_version": row["text_version"],
        "given_on": _day(row["given_at"]),
        "withdrawn_on": _day(row["withdrawn_at"]),
    }


def _day(moment: str | None) -> str:
    return describe_day(dt.datetime.fromisoformat(moment).date()) if moment else ""
