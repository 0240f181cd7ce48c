"""How often an agency may call. The rate is the setting API_RATE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from partners.models import Agency

if TYPE_CHECKING:  # The framework reads this module while it builds that one.
    from rest_framework.views import APIView


class AgencyThrottle(SimpleRateThrottle):
    scope = "agency"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if not isinstance(request.user, Agency):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.user.pk}
