"""What every page of the crisis room shows: the crisis, its map and the stages."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic.base import ContextMixin

from accounts.access import OfficerRequiredMixin, signed_in_user
from accounts.models import User
from crises.enums import CrisisState, NoticeState
from crises.models import AffectedArea, Crisis, IncomingReply, Notice
from crises.stages import stages_of
from geography.areas import Area
from geography.models import Place

_TOWNS_SHOWN = 5
CRISIS_TONES = {CrisisState.OPEN: "success", CrisisState.CLOSED: "neutral"}
NOTICE_TONES = {
    NoticeState.DRAFT: "neutral",
    NoticeState.SUBMITTED: "info",
    NoticeState.RETURNED: "warning",
    NoticeState.APPROVED: "info",
    NoticeState.FROZEN: "info",
    NoticeState.SENDING: "info",
    NoticeState.SENT: "success",
    NoticeState.ABORTED: "danger",
}


def towns_of(area: Area) -> str:
    """The largest towns in the area's bounds, in JSON, to find one's way on the map."""
    west, south, east, north = area.bounds
    towns = Place.objects.filter(
        latitude__range=(south, north), longitude__range=(west, east)
    ).order_by("-population", "pk")[:_TOWNS_SHOWN]
    return json.dumps(
        [{"name": one.name, "latitude": one.latitude, "longitude": one.longitude} for one in towns]
    )


class RoomMixin(OfficerRequiredMixin, ContextMixin):
    """For pages of one crisis (`pk` is the crisis's); outside the jurisdiction it is not found."""

    stage = ""
    request: HttpRequest
    kwargs: dict[str, Any]

    @property
    def officer(self) -> User:
        return signed_in_user(self.request)

    @cached_property
    def crisis(self) -> Crisis:
        return get_object_or_404(
            Crisis.objects.visible_to(self.officer).select_related("post"), pk=self.kwargs["pk"]
        )

    @cached_property
    def area(self) -> AffectedArea:
        """The area in force. Raises Http404 before one has been set."""
        area = self.crisis.areas.order_by("-created_at").first()
        if area is None:
            raise Http404
        return area

    @cached_property
    def notice(self) -> Notice | None:
        """The newest notice of the crisis."""
        return self.crisis.notices.order_by("-version").first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "crisis": self.crisis,
            "crisis_tone": CRISIS_TONES[CrisisState(self.crisis.state)],
            "area_url": reverse("show_area", args=[self.area.pk]),
            "area_label": self.area.label,
            "places_json": towns_of(self.area.area),
            "hexagons_json": "",
            "replies_waiting": IncomingReply.objects.to_read_in(self.crisis).count()
            if self.crisis.is_open
            else 0,
            "stages": stages_of(self.crisis, self.notice, self.stage),
        }


class NoticeRoomMixin(RoomMixin):
    """For pages of one notice (`pk` is the notice's)."""

    @cached_property
    def the_notice(self) -> Notice:
        return get_object_or_404(
            Notice.objects.select_related("crisis__post", "area", "author", "approver", "message"),
            pk=self.kwargs["pk"],
            crisis__in=Crisis.objects.visible_to(self.officer),
        )

    @cached_property
    def crisis(self) -> Crisis:
        return self.the_notice.crisis

    @cached_property
    def area(self) -> AffectedArea:
        return self.the_notice.area

    @cached_property
    def notice(self) -> Notice:
        return self.the_notice
