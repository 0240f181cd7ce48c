"""What consular officers type: where a crisis is, whom to reach, what to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crises.enums import (
    Certainty,
    Choice,
    Confidence,
    Match,
    NoticeKind,
    ReadingReason,
    Severity,
    Urgency,
)

_FAR = timedelta(days=3653)


class MomentField(forms.DateTimeField):
    """A day and a time, as browsers let them be picked, within ten years of now.

    Beyond them lie slips of the keyboard, and days whose neighbours no calendar has.
    """

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_validators = [  # as Django's own fields declare them
        MinValueValidator(lambda: timezone.now() - _FAR),
        MaxValueValidator(lambda: timezone.now() + _FAR),
    ]


class AudienceForm(forms.Form):
    """Whom to count: to whom it goes, the window in days and the classes that are included."""

    conditional = ("kind",)

    kind = forms.ChoiceField(
        label=_("Send to"),
        choices=NoticeKind.choices,
        initial=NoticeKind.NOTICE,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("For focal points the days and the freshness do not count."),
    )

    window_start = MomentField(label=_("From (UTC)"))
    window_end = MomentField(label=_("Until (UTC)"))
    # Not "matches": a field of that name hides the form's own matches() from scripts.
    match_classes = forms.MultipleChoiceField(
        label=_("How sure the place is"),
        choices=Match.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    confidences = forms.MultipleChoiceField(
        label=_("How fresh the registration is"),
        choices=Confidence.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_kind(self) -> NoticeKind:
        return NoticeKind(self.cleaned_data["kind"] or NoticeKind.NOTICE)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("window_start"), cleaned.get("window_end")
        if start and end and end <= start:
            self.add_error("window_end", _("The window must end after it starts."))
        return cleaned


def usual_audience() -> dict[str, Any]:
    """Now and the next 72 hours; everyone but expired stays and bare countries."""
    now: datetime = timezone.now().replace(second=0, microsecond=0)
    return {
        "kind": NoticeKind.NOTICE,
        "window_start": now,
        "window_end": now + timedelta(hours=72),
        "match_classes": [Match.INSIDE, Match.POSSIBLY],
        "confidences": [Confidence.CONFIRMED, Confidence.STALE],
    }


class NoticeForm(forms.Form):
    """The notice's CAP facts and its text in each language."""

    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices)
    severity = forms.ChoiceField(label=_("Severity"), choices=Severity.choices)
    certainty = forms.ChoiceField(label=_("Certainty"), choices=Certainty.choices)
    expires_at = MomentField(label=_("The notice expires (UTC)"))

    def clean_expires_at(self) -> datetime:
        expires_at: datetime = self.cleaned_data["expires_at"]
        if expires_at <= timezone.now():
            raise forms.ValidationError(_("The notice must expire in the future."))
        return expires_at


class NoticeTextForm(forms.Form):
    """The notice in one language. An empty one is left out; half a one is an error."""

    conditional = ("subject", "body", "sms")

    subject = forms.CharField(label=_("Subject"), max_length=90, required=False)
    body = forms.CharField(
        label=_("Message by mail"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "Place, time, the answer link and the post's 24-hour number are added by the portal."
        ),
    )
    sms = forms.CharField(
        label=_("Message by SMS"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Short: the portal adds the place, the time and the link."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        filled = [name for name in ("subject", "body", "sms") if cleaned.get(name)]
        if filled and len(filled) < 3:
            for name in ("subject", "body", "sms"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in, or empty this language."))
        return cleaned

    @property
    def is_filled(self) -> bool:
        return bool(self.cleaned_data.get("body"))


class ReadingForm(forms.Form):
    """Why a person's record is opened."""

    reason = forms.ChoiceField(
        label=_("Why do you open this record?"),
        choices=ReadingReason.choices,
        widget=forms.RadioSelect,
        help_text=_("Your post, the time and the reason go into the ledger."),
        error_messages={"required": _("Choose a reason.")},
    )


class ReasonForm(forms.Form):
    """A reason in words, kept with the decision."""

    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class AssignReplyForm(forms.Form):
    """Whom a text means, of those whom it may mean, and what it answers."""

    person = forms.UUIDField(label=_("This is from"), widget=forms.RadioSelect)
    choice = forms.ChoiceField(
        label=_("They answered"), choices=Choice.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].widget.choices = list(people)
