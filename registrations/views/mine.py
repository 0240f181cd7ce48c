"""My registration: everything on one page, and what all pages behind it share."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView

from accounts.models import Post
from audit.actors import Actor
from geography.countries import named
from notifications.channels.push.offering import public_key
from registrations import visits
from registrations.answers import COMPANION_LIMIT, FAMILY_LIMIT, STAY_LIMIT
from registrations.kept_words import held_text
from registrations.models import Person, Stay
from registrations.people_standing import standing
from registrations.reading import read_own
from registrations.retention import why_held
from registrations.saved_stays import in_order, timeline_of, when_of
from registrations.summary import describe_day, describe_days
from registrations.whereabouts import place_of

_POSTS = 3


@method_decorator(never_cache, name="dispatch")
class OwnRegistrationMixin(View):
    """Answers only for the person of the visit, who is gone after half an hour without a page."""

    person_id: UUID

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = visits.registration_id(request)
        person = Person.objects.filter(pk=standing(found)).first() if found else None
        if person is None:
            return redirect("sign_in")
        if not visits.keep_open(request, since=person.created_at):
            visits.leave(request)
            messages.info(
                request,
                _(
                    "You were away for half an hour, so we closed your registration on this "
                    "device. Sign in again to go on."
                ),
            )
            return redirect("sign_in")
        self.person_id = person.pk
        return self.elsewhere(request) or super().dispatch(request, *args, **kwargs)

    def elsewhere(self, request: HttpRequest) -> HttpResponseBase | None:
        """Where the visit must go first; None when this page can be answered."""
        return None

    @property
    def by(self) -> Actor:
        return Actor.traveller(self.person_id)

    @property
    def person(self) -> Person:
        return Person.objects.get(pk=self.person_id)

    @property
    def page_language(self) -> str:
        return (get_language() or "en").split("-")[0]


class ReadRegistrationView(OwnRegistrationMixin, TemplateView):
    template_name = "registrations/read_registration.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        registration = read_own(person_id=self.person_id, by=self.by)
        ordered = in_order(registration["saved_stays"])
        stays: list[Stay] = [item["stay"] for item in ordered]
        # The picture and the list below it go in the same order.
        line = timeline_of(stays)
        consents = registration["consents"]
        held = why_held(stays)
        return super().get_context_data(
            registration=registration,
            posts=_posts_for(stays),
            timeline=line,
            timeline_from=describe_day(line.starts_on) if line else "",
            timeline_until=describe_day(line.ends_on) if line and line.ends_on else "",
            stays=[_stay_card(item["stay"], item["when"], held) for item in ordered],
            countries=_countries_of(stays),
            may_add_stay=len(stays) < STAY_LIMIT,
            may_add_companion=len(registration["companions"]) < COMPANION_LIMIT,
            may_add_family=len(registration["family"]) < FAMILY_LIMIT,
            is_silent=not next(row for row in consents if row["purpose"] == "crisis_contact")[
                "stands"
            ],
            has_no_reminders=self.person.reminders_stopped_at is not None,
            has_old_text=any(row["asks_again"] for row in consents),
            push_key=public_key(),
            **kwargs,
        )


def _posts_for(stays: list[Stay]) -> list[Post]:
    """The posts that answer for where the person is now; for where they go next, if nowhere."""
    for when in ("now", "coming"):
        countries = {stay.country for stay in stays if when_of(stay) == when} - {""}
        if countries:
            return list(Post.objects.for_countries(countries)[:_POSTS])
    return []


def _countries_of(stays: list[Stay]) -> list[dict[str, str]]:
    """Where the person is or will be, each country once, for its page of advice."""
    codes = dict.fromkeys(stay.country for stay in stays if when_of(stay) != "past")
    return named(code for code in codes if code)


def _stay_card(stay: Stay, when: str, held: dict[UUID, list[str]]) -> dict[str, Any]:
    return {
        "id": stay.pk,
        "label": place_of(stay),
        "days": describe_days(stay.starts_on, stay.ends_on),
        "more": [line for line in (stay.aboard_or_with, stay.exact_address) if line],
        "when": when,
        "held": held_text(held[stay.pk]) if stay.pk in held else "",
        "has_left": stay.planned_end is not None,
        "planned_until": describe_days(stay.starts_on, stay.planned_end)
        if stay.planned_end
        else "",
        "confirmed_on": describe_day(stay.confirmed_at.date()),
    }
