"""A group's lists: sent, checked, corrected, taken. Write-only: nothing comes back but the list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views import View

from audit.actors import Actor
from registrations import actions
from registrations.enums import UploadState
from registrations.forms.groups import UploadForm
from registrations.models import Upload
from registrations.spreadsheets.columns import heading_of
from registrations.spreadsheets.tables import Table
from registrations.spreadsheets.writing import (
    CSV,
    XLSX,
    explanations,
    template_rows,
    to_csv,
    to_xlsx,
    wrong_rows,
)
from registrations.views.group_pages import OwnGroupView, ShowGroupView

_SHOWN = 100


class UploadPeopleView(ShowGroupView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("show_group", pk=self.group.pk)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                upload = actions.start_upload(
                    group=self.group,
                    table=form.table,
                    language=(get_language() or "en").split("-")[0],
                    by=Actor.unknown(),
                )
            except actions.TooManyUploads:
                form.add_error("file", _("This group has sent many lists. Try again in an hour."))
            else:
                return redirect("show_upload", pk=self.group.pk, upload=upload.pk)
        return self.render_to_response(self.get_context_data(form=form))


class OwnUploadView(OwnGroupView):
    upload: Upload

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.wanted = kwargs["upload"]
        return super().dispatch(request, *args, **kwargs)

    def find(self) -> Upload:
        upload = self.group.uploads.filter(pk=self.wanted).first()
        if upload is None:
            raise Http404
        return upload


class ShowUploadView(OwnUploadView):
    template_name = "registrations/show_upload.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        upload = self.find()
        try:
            if request.POST.get("choice") == "take" and upload.wrong < upload.total:
                actions.begin_taking(upload_id=upload.pk, by=Actor.unknown())
            elif request.POST.get("choice") == "discard":
                actions.discard_upload(upload_id=upload.pk, by=Actor.unknown())
                messages.success(request, _("The list is erased, and nothing of it was taken."))
                return redirect("show_group", pk=self.group.pk)
        except actions.UploadMoved:
            pass  # The page was sent twice: it shows how far the list has come.
        return redirect("show_upload", pk=self.group.pk, upload=upload.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs["upload"] = upload = self.find()
        problems = upload.problems or []
        is_working = upload.state in {UploadState.CHECKING, UploadState.TAKING}
        is_taking = upload.state == UploadState.TAKING
        return super().get_context_data(
            group=self.group,
            is_working=is_working,
            is_taking=is_taking,
            done=upload.taken if is_taking else upload.checked,
            goal=upload.total - upload.wrong if is_taking else upload.total,
            right=upload.total - upload.wrong,
            problems=[
                {**problem, "heading": heading_of(problem["column"])}
                for problem in problems[:_SHOWN]
            ],
            more=max(len(problems) - _SHOWN, 0),
            has_wrong_rows=bool(problems) and upload.rows is not None and not is_working,
            **kwargs,
        )


class DownloadWrongRowsView(OwnUploadView):
    """The wrong rows, each with what is wrong, to be corrected and sent again."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        upload = self.find()
        if not upload.problems or upload.rows is None:
            raise Http404
        with override(upload.language):
            rows = wrong_rows(Table.from_json(upload.rows), upload.problems)
            return _file(rows, _("wrong rows"), kwargs["form"])


class DownloadTemplateView(View):
    """The empty list, in the page's language. Everybody may have it."""

    def get(self, request: HttpRequest, form: str) -> HttpResponse:
        return _file(template_rows(), _("list of people"), form, notes=explanations())


def _file(
    rows: list[list[str]], name: str, form: str, *, notes: list[list[str]] | None = None
) -> HttpResponse:
    """`form` is csv or xlsx, as the address says."""
    content = to_csv(rows) if form == "csv" else to_xlsx(rows, notes=notes or [])
    response = HttpResponse(content, content_type=CSV if form == "csv" else XLSX)
    filename = name.replace(" ", "-").replace('"', "")
    disposition = content_disposition_header(True, f"{filename}.{form}")
    response.headers["Content-Disposition"] = disposition or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
