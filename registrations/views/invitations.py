"""The page behind an invitation: what was said, and the two ways to answer it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect

from audit.actors import Actor
from registrations import actions, visits
from registrations.answers import Answers
from registrations.enums import StayKind
from registrations.invitations import INVITATION, is_reported
from registrations.models import ContactPoint, Person, Report
from registrations.saved_stays import stay_answers
from registrations.summary import describe_days
from registrations.views.links import LinkPageView
from registrations.whereabouts import place_of


class AnswerInvitationView(LinkPageView):
    """Whoever follows the link may be a stranger: nobody is named, and no address is shown."""

    purposes = frozenset({INVITATION})

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        point = self._point()
        return self._page(point.person) if point else self.gone()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        point = self._point()
        if point is None:
            return self.gone()
        problem = self.too_many()
        if problem:
            return self._page(point.person, status=429, problem=problem)
        choice = request.POST.get("choice", "")
        if choice == "refuse":
            actions.refuse_report(contact_point_id=point.pk, by=Actor.unknown())
            return self.show("registrations/invitation_refused.html", {})
        if choice == "register":
            draft = actions.start_draft(answers=self._answers(point.person))
            visits.begin(request, draft.pk)
            return redirect("enter_name")
        return HttpResponseRedirect(self.address())

    def _point(self) -> ContactPoint | None:
        if self.delivery is None:
            return None
        points = ContactPoint.objects.filter(
            pk=self.delivery.recipient_id, verified_at__isnull=True
        ).select_related("person")
        point = points.first()
        return point if point and is_reported(point.person) else None

    def _answers(self, person: Person) -> Answers:
        """The journey as it was reported, without what only the person should know."""
        report = _report_of(person)
        return Answers(
            language=person.language,
            stays=tuple(
                replace(
                    stay,
                    key=uuid4().hex,
                    exact_address="",
                    aboard_or_with=stay.aboard_or_with if stay.kind == StayKind.VOYAGE else "",
                )
                for stay in stay_answers(person)
            ),
            report_id=str(report.pk) if report else "",
            group_id=str(report.group_id or "") if report else "",
        )

    def _page(self, person: Person, *, status: int = 200, problem: str = "") -> HttpResponse:
        stays = person.stays.select_related("place").order_by("starts_on", "pk")
        return self.show(
            "registrations/answer_invitation.html",
            {
                "stays": [
                    {"place": place_of(stay), "days": describe_days(stay.starts_on, stay.ends_on)}
                    for stay in stays
                ],
                "problem": problem,
            },
            status,
        )


def _report_of(person: Person) -> Report | None:
    return person.reports.filter(agreed_at__isnull=True).order_by("-reported_at", "pk").first()
