"""Registering a group: what it is, its journey, and the code that proves its organiser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from audit.actors import Actor
from registrations import actions
from registrations.answers import OPEN_END, STAY_LIMIT, Answers, ContactAnswer
from registrations.enums import SendProblem
from registrations.forms import StayForm
from registrations.forms.groups import GroupForm, OrganiserForm
from registrations.groups import organising
from registrations.models import Draft, Group
from registrations.summary import describe_stays
from registrations.views.codes import ConfirmAddressView, send_code


@method_decorator(never_cache, name="dispatch")
class OrganiserView(FormView):
    """A page of an organiser's visit: works on its draft, and begins one where there is none."""

    draft: Draft | None
    answers: Answers

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.draft = organising.draft_of(request)
        self.answers = Answers.from_json(self.draft.answers) if self.draft else Answers()
        elsewhere = self.elsewhere()
        if elsewhere is not None:
            return elsewhere
        try:
            return super().dispatch(request, *args, **kwargs)
        except actions.DraftGone:
            organising.leave(request)
            return redirect("manage_groups")

    @property
    def draft_id(self) -> UUID:
        """Raises DraftGone, which leads back to the beginning."""
        if self.draft is None:
            raise actions.DraftGone
        return self.draft.pk

    def elsewhere(self) -> HttpResponse | None:
        """Where this page leads when it is not its turn."""
        return None

    def keep(self, answers: Answers) -> None:
        self.answers = answers
        if self.draft is None:
            self.draft = actions.start_draft(answers=answers)
            organising.begin(self.request, self.draft.pk)
        else:
            actions.change_draft(draft_id=self.draft.pk, change=lambda _old: answers)

    def go_on(self) -> HttpResponse:
        """The next page: the journey, the code, the new group, or the list of groups."""
        if self.answers.group_name and not self.answers.stays:
            return redirect("add_group_stay")
        if not self.answers.proved:
            return redirect("confirm_organiser")
        if not (self.answers.group_name and self.draft):
            return redirect("manage_groups")
        try:
            group = actions.register_group(draft_id=self.draft.pk, by=Actor.unknown())
        except actions.TooManyGroups:
            messages.error(
                self.request,
                _("You have registered several groups today. Try again tomorrow."),
            )
            return redirect("manage_groups")
        return redirect("show_group", pk=group.pk) if group else redirect("manage_groups")


class ManageGroupsView(OrganiserView):
    """An organiser's groups, behind a code. Until then every address is treated alike."""

    form_class = OrganiserForm
    template_name = "registrations/manage_groups.html"

    def form_valid(self, form: OrganiserForm) -> HttpResponse:
        language = (get_language() or "en").split("-")[0]
        self.draft = None if self.answers.proved else self.draft
        self.keep(Answers(language=language, contacts=(form.contact,)))
        problem = send_code(self.request, self.draft_id, form.contact, unless_recent=True)
        if problem:
            form.add_error("mail", SendProblem(problem).label)
            return self.form_invalid(form)
        return redirect("confirm_organiser")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        indexes = organising.proved_indexes(self.answers)
        groups = organising.groups_of(indexes)
        return super().get_context_data(is_proved=bool(indexes), groups=groups, **kwargs)


class RegisterGroupView(OrganiserView):
    form_class = GroupForm
    template_name = "registrations/register_group.html"

    def get_initial(self) -> dict[str, Any]:
        answers = self.answers
        known = (get_language() or "en").split("-")[0]
        return {
            "kind": answers.group_kind,
            "group_name": answers.group_name,
            "name": answers.name,
            "mail": answers.contacts[0].address if answers.contacts else "",
            "language": answers.language if answers.name else known,
        }

    def form_valid(self, form: GroupForm) -> HttpResponse:
        cleaned = form.cleaned_data
        named = replace(
            self.answers,
            name=cleaned["name"],
            language=cleaned["language"],
            group_kind=cleaned["kind"],
            group_name=cleaned["group_name"],
        )
        self.keep(named.with_contacts([form.contact]))
        return redirect("add_group_stay")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(step=1, total=3, **kwargs)


class AddGroupStayView(OrganiserView):
    """The journey that the group shares, stage by stage."""

    form_class = StayForm
    template_name = "registrations/add_group_stay.html"

    def elsewhere(self) -> HttpResponse | None:
        return None if self.answers.group_name else redirect("register_group")

    def get_initial(self) -> dict[str, Any]:
        last = self.answers.stays[-1].ends_on if self.answers.stays else OPEN_END
        return {} if last == OPEN_END else {"starts_on": last}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "key": uuid4().hex}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        removed = request.POST.get("remove", "")
        if removed:
            left = tuple(stay for stay in self.answers.stays if stay.key != removed)
            self.keep(replace(self.answers, stays=left))
            return redirect("add_group_stay")
        if request.POST.get("then") == "done" and self.answers.stays:
            return self._done()
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: StayForm) -> HttpResponse:
        if len(self.answers.stays) >= STAY_LIMIT:
            form.add_error(None, _("You can give up to %(limit)s stays.") % {"limit": STAY_LIMIT})
            return self.form_invalid(form)
        stays = sorted([*self.answers.stays, form.answer], key=lambda s: (s.starts_on, s.ends_on))
        self.keep(replace(self.answers, stays=tuple(stays)))
        return redirect("add_group_stay") if self.request.POST.get("then") else self._done()

    def _done(self) -> HttpResponse:
        contact = self.answers.contacts[0]
        if not contact.verified_at:
            problem = send_code(self.request, self.draft_id, contact, unless_recent=True)
            if problem:
                messages.error(self.request, SendProblem(problem).label)
                return redirect("register_group")
        return self.go_on()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = zip(describe_stays(self.answers.stays), self.answers.stays, strict=True)
        return super().get_context_data(
            step=2,
            total=3,
            stays=[
                {"label": row["label"], "days": row["days"], "key": stay.key} for row, stay in rows
            ],
            **kwargs,
        )


class ConfirmOrganiserView(OrganiserView, ConfirmAddressView):
    template_name = "registrations/confirm_organiser.html"

    def attempt(self) -> tuple[UUID, ContactAnswer]:
        return self.draft_id, self.answers.contacts[0]

    def elsewhere(self) -> HttpResponse | None:
        if not self.answers.contacts:
            return redirect("manage_groups")
        return self.go_on() if self.answers.proved and self.request.method == "POST" else None

    def confirmed(self) -> HttpResponse:
        self.answers = actions.change_draft(draft_id=self.draft_id, change=lambda kept: kept)
        # Whoever proved an address gets a session key that nobody saw before.
        organising.begin(self.request, self.draft_id)
        return self.go_on()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_new = bool(self.answers.group_name)
        back = reverse("register_group") if is_new else reverse("manage_groups")
        return super().get_context_data(is_new=is_new, back_url=back, step=3, total=3, **kwargs)


def own_group(request: HttpRequest, pk: Any) -> Group | None:
    """The group, if the visit has proved its organiser's address."""
    draft = organising.draft_of(request)
    indexes = organising.proved_indexes(Answers.from_json(draft.answers)) if draft else []
    return Group.objects.filter(pk=pk, organiser_index__in=indexes).first() if indexes else None
