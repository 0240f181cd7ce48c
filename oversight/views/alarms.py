"""Alarms: seen by everybody who oversees, looked into by the data protection officer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.access import LedgerReaderRequiredMixin, PermissionRequiredMixin, signed_in_user
from audit.actors import ActorKind
from audit.ledger import record
from audit.purposes import Purpose
from oversight.actions import AlreadyHandled, handle_alarm
from oversight.enums import AlarmKind
from oversight.explanations import EXPLANATIONS
from oversight.forms import HandlingForm
from oversight.models import Alarm, Verification
from oversight.rules import HANDLE_ALARM
from oversight.texts import counted
from oversight.words import People, name_of

_SHOWN = 200


def alarm_rows(alarms: list[Alarm]) -> list[dict[str, Any]]:
    people = People.of(alarms)
    return [
        {"alarm": alarm, "who": people.who(alarm), "counted": counted(alarm)} for alarm in alarms
    ]


class ListAlarmsView(LedgerReaderRequiredMixin, TemplateView):
    template_name = "oversight/list_alarms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = Alarm.objects.order_by("-raised_at", "pk").defer("finding")
        return super().get_context_data(
            waiting=alarm_rows(list(newest.filter(seen_at=None)[:_SHOWN])),
            handled=alarm_rows(list(newest.exclude(seen_at=None)[:_SHOWN])),
            **kwargs,
        )


class _OneAlarm:
    kwargs: dict[str, Any]

    @cached_property
    def alarm(self) -> Alarm:
        return get_object_or_404(
            Alarm.objects.select_related("seen_by"), pk=self.kwargs["alarm_id"]
        )


class ReadAlarmView(_OneAlarm, LedgerReaderRequiredMixin, TemplateView):
    """With the officer's name, which is a reading that the ledger keeps."""

    template_name = "oversight/read_alarm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, alarm = signed_in_user(self.request), self.alarm
        record(
            action="alarm.read",
            by=user,
            purpose=Purpose.OVERSIGHT,
            object_type="oversight.alarm",
            object_id=alarm.pk,
        )
        told: list[str] = []
        if alarm.kind == AlarmKind.CHAIN_BROKEN:
            broken = Verification.objects.filter(breaks__gt=0, finished_at__lte=alarm.last_at)
            newest = broken.order_by("-finished_at").first()
            told = newest.told if newest else []
        return super().get_context_data(
            alarm=alarm,
            explanation=EXPLANATIONS[AlarmKind(alarm.kind)],
            counted=counted(alarm),
            who=People.of([alarm]).who(alarm),
            name=name_of(alarm),
            is_officer=alarm.actor_kind == ActorKind.USER,
            told=told,
            may_handle=alarm.seen_at is None and rules.has_perm(HANDLE_ALARM, user),
            **kwargs,
        )


class HandleAlarmView(_OneAlarm, PermissionRequiredMixin, FormView):
    permission = HANDLE_ALARM
    template_name = "oversight/handle_alarm.html"
    form_class = HandlingForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(alarm=self.alarm, counted=counted(self.alarm), **kwargs)

    def form_valid(self, form: HandlingForm) -> HttpResponse:
        try:
            handle_alarm(
                alarm=self.alarm,
                outcome=form.cleaned_data["outcome"],
                finding=form.cleaned_data["finding"],
                by=signed_in_user(self.request),
            )
        except AlreadyHandled:
            messages.warning(self.request, _("Somebody else has just looked into this alarm."))
        else:
            messages.success(self.request, _("It is noted that you looked into this alarm."))
        return redirect("read_alarm", self.alarm.pk)
