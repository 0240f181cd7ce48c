"""The pages behind the links of reminders, of family contacts, and of stopping messages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.actors import Actor
from registrations import actions
from registrations.actions.leaving import local_day
from registrations.family import FAMILY
from registrations.forms.links import LastDayForm
from registrations.models import FamilyContact, Stay
from registrations.people_standing import standing
from registrations.reminders import REMINDER
from registrations.stopping import Stop, stop_of
from registrations.summary import describe_day, describe_days
from registrations.views.links import LinkPageView
from registrations.whereabouts import place_of


class AnswerReminderView(LinkPageView):
    """Still right, another last day, or left. Changeable until the stay is erased."""

    purposes = frozenset({REMINDER})

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        stay = self._stay()
        return self._page(stay) if stay else self.gone()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        stay = self._stay()
        if stay is None:
            return self.gone()
        problem = self.too_many()
        if problem:
            return self._page(stay, status=429, problem=problem)
        # Whoever holds the link acts for the stay's person, who may have been merged meanwhile.
        given: dict[str, Any] = {
            "person_id": stay.person_id,
            "by": Actor.traveller(stay.person_id),
        }
        choice = request.POST.get("choice", "")
        if choice == "right":
            actions.confirm_stays(stay_ids=[stay.pk], **given)
        elif choice == "left":
            actions.leave_stays(stay_ids=[stay.pk], **given)
        elif choice == "back":
            actions.return_to_stays(stay_ids=[stay.pk], **given)
        else:
            form = LastDayForm(request.POST, starts_on=stay.starts_on)
            if not form.is_valid():
                return self._page(stay, status=422, form=form)
            actions.extend_stay(stay_id=stay.pk, ends_on=form.cleaned_data["ends_on"], **given)
        return HttpResponseRedirect(self.address())

    def _stay(self) -> Stay | None:
        if self.delivery is None:
            return None
        stays = Stay.objects.filter(pk=self.delivery.recipient_id)
        return stays.select_related("place", "person").first()

    def _page(
        self, stay: Stay, *, status: int = 200, problem: str = "", form: LastDayForm | None = None
    ) -> HttpResponse:
        today = local_day(stay, timezone.now())
        has_left = stay.planned_end is not None
        has_ended = stay.ends_on < today
        return self.show(
            "registrations/answer_reminder.html",
            {
                "place": place_of(stay),
                "days": describe_days(stay.starts_on, stay.ends_on),
                "last_day": describe_day(stay.ends_on),
                "has_left": has_left,
                "has_ended": has_ended and not has_left,
                "is_confirmed": not (has_left or has_ended)
                and self.delivery is not None
                and stay.confirmed_at > self.delivery.created_at,
                "may_leave": stay.starts_on <= today < stay.ends_on,
                "is_open_ended": stay.is_open_ended,
                "problem": problem,
                "form": form or LastDayForm(starts_on=stay.starts_on),
                "stop_url": self._stop_url(stay),
            },
            status,
        )

    def _stop_url(self, stay: Stay) -> str:
        """A text message has no room for a second link: it stands here."""
        if stay.person.reminders_stopped_at:
            return ""
        return self.address(reverse("stop_messages", args=[self.kwargs["token"]]))


class AnswerListingView(LinkPageView):
    """A family contact may say that they do not want to be listed."""

    purposes = frozenset({FAMILY})

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        contact = self._contact()
        return self._page(contact) if contact else self.gone()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        contact = self._contact()
        if contact is None:
            return self.gone()
        actions.object_to_listing(contact_id=contact.pk, by=Actor.unknown())
        return HttpResponseRedirect(self.address())

    def _contact(self) -> FamilyContact | None:
        if self.delivery is None:
            return None
        return FamilyContact.objects.filter(pk=self.delivery.recipient_id).first()

    def _page(self, contact: FamilyContact) -> HttpResponse:
        return self.show(
            "registrations/answer_listing.html", {"has_objected": bool(contact.objected_at)}
        )


class StopMessagesView(LinkPageView):
    """Stops what the message's purpose says, and nothing else.

    A mail program may send the POST by itself (RFC 8058), with no word but List-Unsubscribe.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        found = self._stop()
        return self._page(*found) if found else self.gone()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        found = self._stop()
        if found is None:
            return self.gone()
        stop, person_id = found
        act = stop.undo if stop.undo and request.POST.get("undo") else stop.act
        act(person_id, Actor.traveller(person_id))
        if request.POST.get("List-Unsubscribe") == "One-Click":
            # The mail program follows no redirect and shows no page.
            return HttpResponse(_("Stopped."), content_type="text/plain; charset=utf-8")
        return HttpResponseRedirect(self.address())

    def _stop(self) -> tuple[Stop, UUID] | None:
        if self.delivery is None or self.delivery.subject_id is None:
            return None
        stop = stop_of(self.delivery.message.purpose)
        return (stop, standing(self.delivery.subject_id)) if stop else None

    def _page(self, stop: Stop, person_id: UUID) -> HttpResponse:
        return self.show(
            "registrations/stop_messages.html",
            {
                "has_stopped": stop.has_stopped(person_id),
                "question": stop.question,
                "done": stop.done,
                "has_undo": stop.undo is not None,
            },
        )
