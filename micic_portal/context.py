"""What every page knows: whose register it is, and whether it is the demo."""

from __future__ import annotations

import rules
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.rules import SERVE_PEOPLE


def portal(request: HttpRequest) -> dict[str, object]:
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return {
        "state_name": settings.STATE_NAMES.get(language, settings.STATE_NAME),
        "is_demo": settings.DEMO,
        # Asked only where a page does: a page for nobody in particular looks up no user.
        "serves_people": lambda: rules.has_perm(SERVE_PEOPLE, request.user),
    }
