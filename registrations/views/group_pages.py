"""A group's own page, its link, and the page behind the link."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from audit.actors import Actor
from registrations import actions, visits
from registrations.answers import Answers, stay_from_json
from registrations.enums import UploadState
from registrations.forms.groups import UploadForm
from registrations.groups import organising
from registrations.groups.links import address_of, group_of
from registrations.models import Group
from registrations.summary import describe_stays
from registrations.views.groups import own_group


@method_decorator(never_cache, name="dispatch")
class OwnGroupView(TemplateView):
    """A page of a group for its organiser; leads to the code without one."""

    group: Group

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        group = own_group(request, kwargs["pk"])
        if group is None:
            return redirect("manage_groups")
        self.group = group
        return super().dispatch(request, *args, **kwargs)


class ShowGroupView(OwnGroupView):
    """What an organiser does with a group. Nothing here comes from its people."""

    template_name = "registrations/show_group.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        uploads = self.group.uploads.exclude(state=UploadState.DISCARDED)
        return super().get_context_data(
            group=self.group,
            stays=_journey(self.group),
            link=address_of(self.group),
            form=kwargs.pop("form", None) or UploadForm(),
            uploads=uploads.defer("rows", "problems").order_by("-created_at", "pk")[:20],
            **kwargs,
        )


class RenewGroupLinkView(OwnGroupView):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.renew_link(group_id=self.group.pk, by=Actor.unknown())
        messages.success(request, _("The group has a new link. The former one no longer works."))
        return redirect("show_group", pk=self.group.pk)


class EraseGroupView(OwnGroupView):
    template_name = "registrations/erase_group.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actions.close_group(group_id=self.group.pk, by=Actor.unknown())
        messages.success(request, _("The group is erased."))
        return redirect("manage_groups")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(group=self.group, **kwargs)


class LeaveGroupsView(View):
    """Ends an organiser's visit."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        organising.leave(request)
        return redirect("start")


@method_decorator(never_cache, name="dispatch")
class JoinGroupView(View):
    """Whoever holds the link joins with a registration of their own. A GET changes nothing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        group = group_of(token)
        if group is None:
            return render(request, "registrations/group_gone.html", status=404)
        context = {"group": group, "stays": _journey(group)}
        return render(request, "registrations/join_group.html", context)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        group = group_of(token)
        if group is None:
            return render(request, "registrations/group_gone.html", status=404)
        stays = tuple(replace(stay_from_json(item), key=uuid4().hex) for item in group.stays)
        answers = Answers(language=group.language, stays=stays, group_id=str(group.pk))
        visits.begin(request, actions.start_draft(answers=answers).pk)
        return redirect("enter_name")


def _journey(group: Group) -> list[dict[str, Any]]:
    stays = [stay_from_json(item) for item in group.stays]
    return [{"label": row["label"], "days": row["days"]} for row in describe_stays(stays)]
