"""What every page of a crisis that is for everybody has in common: whom to telephone."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from crises.models import Crisis
from crises.telephones import posts_of
from registrations.views.nameless import NamelessPageView


class PublicPageView(NamelessPageView):
    """Says on its face whom to telephone, day and night."""

    def crisis_of_page(self) -> Crisis | None:
        """The crisis whose numbers stand on the page."""
        return None

    def show(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        crisis = self.crisis_of_page()
        numbers = {"telephones": telephones_of(crisis) if crisis else []}
        return super().show(template, numbers | context, status)


def telephones_of(crisis: Crisis) -> list[dict[str, str]]:
    """{label, number} of each post, as components/telephone.html wants them."""
    return [
        {
            "label": _("%(post_name)s, day and night") % {"post_name": post.name},
            "number": post.telephone_24h,
        }
        for post in posts_of(crisis)
    ]
