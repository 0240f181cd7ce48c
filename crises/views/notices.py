"""Writing a notice, asking for approval, and the other officer's decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from accounts.models import User
from crises import actions
from crises.enums import EDITABLE, Confidence, Match, NoticeState
from crises.forms import NoticeForm, NoticeTextForm, ReasonForm
from crises.models import Notice
from crises.sizing import warnings_about_notice
from crises.sms_costs import cost_text
from crises.sms_lengths import SmsLength, sms_lengths
from crises.texts import sample_messages, why_written_to
from crises.views.room import NOTICE_TONES, NoticeRoomMixin
from notifications.enums import Channel

_TEXT_FIELDS = ("subject", "body", "sms")


class WriteNoticeView(NoticeRoomMixin, TemplateView):
    template_name = "crises/write_notice.html"
    stage = "message"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        notice = self.the_notice
        if notice.state not in EDITABLE:
            return redirect("review_notice", notice.pk)
        form = NoticeForm(
            initial={
                "urgency": notice.urgency,
                "severity": notice.severity,
                "certainty": notice.certainty,
                "expires_at": notice.expires_at or timezone.now() + timedelta(hours=24),
            }
        )
        written = {text.language: text for text in notice.texts.all()}
        text_forms = [
            NoticeTextForm(
                prefix=code,
                initial={name: getattr(written[code], name) for name in _TEXT_FIELDS}
                if code in written
                else {},
            )
            for code, _name in settings.LANGUAGES
        ]
        return self.render_to_response(self._context(form, text_forms))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = NoticeForm(request.POST)
        text_forms = [
            NoticeTextForm(request.POST, prefix=code) for code, _name in settings.LANGUAGES
        ]
        # Every form is asked, so that every error is shown at once.
        are_valid = [one.is_valid() for one in (form, *text_forms)]
        if all(are_valid) and not any(one.is_filled for one in text_forms):
            form.add_error(None, _("Write the message in at least one language."))
            are_valid = [False]
        if not all(are_valid):
            return self.render_to_response(self._context(form, text_forms), status=422)
        try:
            self._write(form, text_forms)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.render_to_response(self._context(form, text_forms), status=422)
        return redirect("review_notice", self.the_notice.pk)

    def _write(self, form: NoticeForm, text_forms: list[NoticeTextForm]) -> None:
        actions.write_notice(
            notice=self.the_notice,
            urgency=form.cleaned_data["urgency"],
            severity=form.cleaned_data["severity"],
            certainty=form.cleaned_data["certainty"],
            expires_at=form.cleaned_data["expires_at"],
            texts={
                str(one.prefix): {
                    name: one.cleaned_data[name] for name in ("subject", "body", "sms")
                }
                for one in text_forms
                if one.is_filled
            },
            by=self.officer,
        )

    def _context(self, form: NoticeForm, text_forms: list[NoticeTextForm]) -> dict[str, Any]:
        errors = list(form.non_field_errors())
        blocks: list[dict[str, Any]] = []
        lengths = {one.language: one for one in sms_lengths(self.the_notice)}
        written = set(self.the_notice.texts.values_list("language", flat=True))
        for one in text_forms:
            language = str(one.prefix)
            info = get_language_info(language)
            blocks.append(
                {
                    "form": one,
                    "language": language,
                    "name": info["name_local"],
                    "direction": "rtl" if info["bidi"] else "ltr",
                    "sms_length": _saved_length(lengths[language], language in written),
                    "is_open": bool(one.errors) or bool(one["body"].value()) or not blocks,
                }
            )
            if one.errors:
                errors.append(
                    _("%(language)s: something is missing.") % {"language": info["name_local"]}
                )
        return self.get_context_data(
            form=form,
            kind_text=self.the_notice.get_kind_display(),
            audience_query=_audience_query(self.the_notice),
            blocks=blocks,
            error_items=errors,
            has_errors=bool(errors or form.errors),
        )


class ReviewNoticeView(NoticeRoomMixin, TemplateView):
    """One page that shows all that will happen, to the author and to who approves."""

    template_name = "crises/review_notice.html"
    stage = "approval"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        notice = self.the_notice
        officer = self.officer
        is_author = notice.author_id == officer.pk
        is_submitted = notice.state == NoticeState.SUBMITTED
        is_editable = notice.state in EDITABLE
        return super().get_context_data(**kwargs) | {
            "form": kwargs.get("form") or ReasonForm(),
            "notice": notice,
            "notice_tone": NOTICE_TONES[NoticeState(notice.state)],
            "facts": _facts(notice) + _sms_facts(notice),
            "samples": sample_messages(notice),
            "returned_text": notice.returned_reason or "",
            "can_edit": is_editable,
            "can_submit": is_editable and notice.texts.exists(),
            "can_approve": is_submitted and not is_author,
            "waits_for_other": is_submitted and is_author,
            "can_break_glass": is_submitted and is_author and notice.is_extreme,
            "is_decided": not is_editable and not is_submitted,
            "moved_text": _moved_text(notice),
            "warnings": warnings_about_notice(notice) if is_editable or is_submitted else [],
            # The approver's choice, or the author's who sends alone: never ticked beforehand.
            "reported_people": (notice.reported_people or 0)
            if is_submitted and notice.may_warn_reported
            else 0,
            "reported_sample": why_written_to(get_language() or "en", Channel.MAIL).strip(),
        }


class SubmitNoticeView(NoticeRoomMixin, View):
    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return _attempt(request, self.the_notice, actions.submit_notice, by=self.officer)


class WithdrawNoticeView(NoticeRoomMixin, View):
    """Takes back what nobody has decided yet, to change it."""

    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return _attempt(request, self.the_notice, actions.withdraw_notice, by=self.officer)


class ApproveNoticeView(NoticeRoomMixin, View):
    def post(self, request: HttpRequest, pk: Any) -> HttpResponse:
        return _attempt(
            request,
            self.the_notice,
            actions.approve_notice,
            seen_digest=request.POST.get("seen_digest", ""),
            vital_interest=_asks_vital_interest(request),
            by=self.officer,
        )


class _ReasonedDecisionView(ReviewNoticeView):
    """A decision that needs a reason; without one the page comes back with the field marked."""

    action: Any = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        reason = form.cleaned_data["reason"]
        return _attempt(
            request,
            self.the_notice,
            type(self).action,
            reason=reason,
            by=self.officer,
            **self.chosen(),
        )

    def chosen(self) -> dict[str, Any]:
        """What else the officer decided."""
        return {}


class ReturnNoticeView(_ReasonedDecisionView):
    action = actions.return_notice


class BreakGlassView(_ReasonedDecisionView):
    action = actions.break_glass

    def chosen(self) -> dict[str, Any]:
        return {"vital_interest": _asks_vital_interest(self.request)}


def _asks_vital_interest(request: HttpRequest) -> bool:
    return request.POST.get("vital_interest") == "on"


def _attempt(
    request: HttpRequest, notice: Notice, action: Any, *, by: User, **arguments: Any
) -> HttpResponse:
    """Try one decision; a refusal (too late, the author, elsewhere) is said on the page."""
    try:
        action(notice=notice, by=by, **arguments)
    except actions.Refused as refusal:
        notice.refresh_from_db(fields=["state", "approver"])
        if not _is_done(action, notice, by):
            messages.error(request, str(refusal))
    notice.refresh_from_db(fields=["state"])
    if notice.state in {NoticeState.APPROVED, NoticeState.FROZEN, NoticeState.SENDING}:
        return redirect("watch_notice", notice.pk)
    return redirect("review_notice", notice.pk)


def _is_done(action: Any, notice: Notice, by: User) -> bool:
    """Whether the same person has done the same before: a second click is no mistake."""
    if action in (actions.approve_notice, actions.break_glass):
        return notice.approver_id == by.pk
    is_author = notice.author_id == by.pk
    if action is actions.submit_notice:
        return is_author and notice.state == NoticeState.SUBMITTED
    return action is actions.withdraw_notice and is_author and notice.state == NoticeState.DRAFT


def _audience_query(notice: Notice) -> str:
    """What the notice's audience looks like in the form of the page before."""
    chosen = set(notice.classes)
    return urlencode(
        {
            "kind": notice.kind,
            "window_start": notice.window_start.strftime("%Y-%m-%dT%H:%M"),
            "window_end": notice.window_end.strftime("%Y-%m-%dT%H:%M"),
            "match_classes": [value for value in Match.values if value in chosen],
            "confidences": [value for value in Confidence.values if value in chosen],
        },
        doseq=True,
    )


def _moved_text(notice: Notice) -> str:
    if notice.state != NoticeState.SUBMITTED or notice.approved_count is None:
        return ""
    if notice.crisis.is_drill:
        return _("The audience has changed since it was approved. Look again and decide.")
    return _(
        "The audience has changed since it was approved: %(before)s messages then, %(now)s now. "
        "Look again and decide."
    ) % {"before": notice.approved_count, "now": notice.previewed_count}


def _grouped(number: int | None) -> str:
    return "" if number is None else number_format(number, force_grouping=True)


def _chosen(choices: Sequence[tuple[Any, Any]], notice: Notice) -> str:
    return ", ".join(str(label) for value, label in choices if value in notice.classes)


def _reported_facts(notice: Notice) -> list[dict[str, Any]]:
    if not notice.reported_people:
        return []
    left_out = _("%(people)s, left out") % {"people": _grouped(notice.reported_people)}
    included = _("%(people)s, included on vital interest") % {
        "people": _grouped(notice.reported_people)
    }
    return [
        {
            "label": _("Reported by others, not proved"),
            "value": included if notice.vital_interest else left_out,
        }
    ]


def _audience_facts(notice: Notice) -> list[dict[str, Any]]:
    """How many it reaches; in an exercise no more than a count outside a crisis tells."""
    people = _grouped(notice.previewed_people)
    if notice.crisis.is_drill:
        return [{"label": _("People at least"), "value": people}]
    return [
        {"label": _("People"), "value": people},
        {"label": _("Messages"), "value": _grouped(notice.previewed_count)},
        *_reported_facts(notice),
    ]


def _saved_length(length: SmsLength, is_written: bool) -> list[str]:
    """What is said beside the field: of the words as they were saved, or of the room for them."""
    said = _("As saved: %(size)s.") % {"size": length.size} if is_written else length.room
    return [one for one in (said, length.reason) if one]


def _sms_facts(notice: Notice) -> list[dict[str, Any]]:
    """How long the text message is in each language, and what that will cost."""
    if not notice.texts.exists():
        return []
    lengths = sms_lengths(notice)
    lines = [
        _("%(language)s: %(size)s.") % {"language": one.name, "size": one.size} + f" {one.reason}"
        for one in lengths
    ]
    facts: list[dict[str, Any]] = [{"label": _("Text message"), "lines": lines}]
    cost = cost_text(notice, lengths)
    return [*facts, {"label": _("Cost of the text messages"), "value": cost}] if cost else facts


def _facts(notice: Notice) -> list[dict[str, Any]]:
    expires = notice.expires_at
    return [
        {"label": _("Send to"), "value": notice.get_kind_display()},
        {"label": _("Area"), "value": notice.area.label},
        {
            "label": _("Stays between"),
            "lines": [
                f"{date_format(notice.window_start, 'j M Y H:i')} – "
                f"{date_format(notice.window_end, 'j M Y H:i')} UTC"
            ],
        },
        {"label": _("How sure the place is"), "value": _chosen(Match.choices, notice)},
        {"label": _("How fresh the registration is"), "value": _chosen(Confidence.choices, notice)},
        *(
            [
                *_audience_facts(notice),
            ]
            if notice.previewed_count is not None
            else []
        ),
        {
            "label": _("Urgency, severity, certainty"),
            "value": " · ".join(
                str(one)
                for one in (
                    notice.get_urgency_display(),
                    notice.get_severity_display(),
                    notice.get_certainty_display(),
                )
            ),
        },
        {
            "label": _("Expires"),
            "value": f"{date_format(expires, 'j M Y H:i')} UTC" if expires else "",
        },
        {"label": _("Written by"), "value": notice.author.name},
        *([{"label": _("Approved by"), "value": notice.approver.name}] if notice.approver else []),
    ]
