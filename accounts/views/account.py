"""Who am I here?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.access import SignedInRequiredMixin, signed_in_user


class ShowAccountView(SignedInRequiredMixin, TemplateView):
    template_name = "accounts/show_account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = signed_in_user(self.request)
        rows = [
            {"label": _("Name"), "value": user.name},
            {"label": _("Mail address"), "value": user.email},
            {"label": _("Role"), "value": user.get_role_display()},
            {"label": _("Post"), "value": user.post.name if user.post else ""},
        ]
        return super().get_context_data(rows=rows, **kwargs)
