"""Answers that came as a text and marked nobody: read by an officer of the crisis."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView

from crises import actions
from crises.actions import OpenedReply
from crises.enums import Choice
from crises.forms import AssignReplyForm
from crises.models import IncomingReply
from crises.views.room import RoomMixin

_SHOWN = 100


class ListRepliesView(RoomMixin, TemplateView):
    """How long each waits and why it marked nobody; what it says, its own page tells."""

    template_name = "crises/list_replies.html"
    stage = "live"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        replies = IncomingReply.objects.to_read_in(self.crisis)
        return context | {
            "replies": list(replies[:_SHOWN]),
            "more": max(0, context["replies_waiting"] - _SHOWN),
        }


class _ReplyMixin(RoomMixin):
    stage = "live"

    @cached_property
    def reply(self) -> IncomingReply:
        return get_object_or_404(
            IncomingReply.objects.to_read_in(self.crisis), pk=self.kwargs["reply_id"]
        )


class ReadReplyView(_ReplyMixin, TemplateView):
    """Closed at first: opening it stands in the ledger."""

    template_name = "crises/read_reply.html"

    def post(self, request: HttpRequest, pk: UUID, reply_id: UUID) -> HttpResponse:
        try:
            opened = actions.open_reply(crisis=self.crisis, reply=self.reply, by=self.officer)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("list_replies", self.crisis.pk)
        form = AssignReplyForm(people=_choices(opened), initial=_read_as(opened))
        response = self.render_to_response(self.get_context_data(opened=opened, form=form))
        response["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "reply": self.reply,
            "opened": kwargs.get("opened"),
            "form": kwargs.get("form"),
        }


class AssignReplyView(_ReplyMixin, View):
    """Says whom a text means and what it answers."""

    def post(self, request: HttpRequest, pk: UUID, reply_id: UUID) -> HttpResponse:
        form = AssignReplyForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose whom it means, and what they answered."))
            return redirect("read_reply", self.crisis.pk, self.reply.pk)
        try:
            actions.assign_reply(
                crisis=self.crisis,
                reply=self.reply,
                person_id=form.cleaned_data["person"],
                choice=Choice(form.cleaned_data["choice"]),
                by=self.officer,
            )
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Recorded as their answer."))
        return redirect("list_replies", self.crisis.pk)


class DismissReplyView(_ReplyMixin, View):
    def post(self, request: HttpRequest, pk: UUID, reply_id: UUID) -> HttpResponse:
        try:
            actions.dismiss_reply(crisis=self.crisis, reply=self.reply, by=self.officer)
        except actions.Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Handled, nobody marked"))
        return redirect("list_replies", self.crisis.pk)


def _choices(opened: OpenedReply) -> list[tuple[str, str]]:
    return [(str(one.person_id), f"{one.name} · {one.reference}") for one in opened.people]


def _read_as(opened: OpenedReply) -> dict[str, str]:
    """What the text seems to say; who it is, only the officer says."""
    return {"choice": opened.reading.choice.value} if opened.reading.choice else {}
