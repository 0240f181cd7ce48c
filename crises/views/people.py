"""One person of a crisis, opened with a reason."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.generic import FormView

from crises import actions
from crises.enums import ReadingReason
from crises.forms import ReadingForm
from crises.purge_words import purge_text
from crises.views.room import RoomMixin
from registrations.references import reference_of


class ReadPersonView(RoomMixin, FormView):
    """Asks for the reason first; then shows the record once, and keeps nothing of it."""

    template_name = "crises/read_person.html"
    form_class = ReadingForm
    stage = "live"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "reference": reference_of(self.kwargs["person_id"]),
            "person": kwargs.get("person"),
            "is_erased": _is_erased(kwargs.get("person")),
            "purge_text": purge_text(self.crisis),
            "notice_pk": self.notice.pk if self.notice else None,
        }

    def form_valid(self, form: ReadingForm) -> HttpResponse:
        try:
            person = actions.read_person_in_crisis(
                crisis=self.crisis,
                person_id=self.kwargs["person_id"],
                reason=ReadingReason(form.cleaned_data["reason"]),
                by=self.officer,
            )
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form, person=person))

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


def _is_erased(person: dict[str, Any] | None) -> bool:
    """Whether only a request for help is left of this person."""
    answer = person["answer"] if person else None
    return answer is not None and answer.erased_at is not None
