"""The page on which somebody says that an address given in a crisis is theirs, or is not."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from audit.actors import Actor
from crises.models import Crisis
from crises.proofs import ProofLink, follow_proof
from crises.public_pages import PublicPageView
from registrations.actions.unproved import disown_address, prove_address


class ProveContactView(PublicPageView):
    link: ProofLink | None = None

    def find(self, **kwargs: Any) -> None:
        self.link = follow_proof(kwargs["token"])

    def crisis_of_page(self) -> Crisis | None:
        return self.link.crisis if self.link else None

    def language_of_message(self) -> str:
        return self.link.language if self.link else ""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.show(
                "crises/answer_expired.html",
                {"has_expired": self.link is not None},
                410 if self.link else 404,
            )
        point = self.link.contact_point()
        return self.show(
            "crises/prove_contact.html",
            {
                "title": self.link.crisis.title,
                "is_gone": point is None,
                "is_proved": point is not None and point.verified_at is not None,
            },
        )

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.link is None or self.link.has_expired:
            return self.get(request, token)
        change = disown_address if request.POST.get("disown") else prove_address
        change(
            contact_point_id=self.link.contact_point_id,
            person_id=self.link.person_id,
            by=Actor.unknown(),
        )
        return HttpResponseRedirect(self.address(reverse("prove_contact", args=[token])))
