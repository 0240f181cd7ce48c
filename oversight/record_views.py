"""The record of processing, for the data protection officer and the auditor; the privacy notice,
for everybody. Neither shows a person: both are read from the declarations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.access import LedgerReaderRequiredMixin
from crises.models.crises import PURGE_AFTER
from oversight.activities import activities
from oversight.facts import NEVER_COLLECTED, RECIPIENTS, SECURITY, TRANSFERS, controller
from oversight.privacy_notice import READERS, stretches
from registrations.enums import ConsentPurpose


class ShowProcessingRecordView(LedgerReaderRequiredMixin, TemplateView):
    template_name = "oversight/show_processing_record.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            facts=[
                {"label": _("Controller"), "value": controller()},
                {"label": _("Data protection officer"), "value": settings.DPO_CONTACT},
            ],
            activities=activities(),
            recipients=RECIPIENTS,
            transfers=TRANSFERS,
            security=SECURITY,
            **kwargs,
        )


class ReadPrivacyNoticeView(TemplateView):
    template_name = "oversight/read_privacy_notice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            controller=controller(),
            contact=settings.DPO_CONTACT,
            readers=READERS,
            consents=[choice.label for choice in ConsentPurpose],
            recipients=RECIPIENTS,
            security=SECURITY,
            never_collected=NEVER_COLLECTED,
            stretches=stretches(),
            purge_days=PURGE_AFTER.days,
            **kwargs,
        )
