"""What consular officers type: where a crisis is, whom to reach, what to say."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crises.enums import (
    AreaSource,
    Certainty,
    Confidence,
    Match,
    NoticeKind,
    ReadingReason,
    Severity,
    Urgency,
)
from geography.areas import Area, InvalidArea
from geography.countries import country_choices, country_name
from geography.forms import PlaceNameInput, PlaceSearchMixin
from geography.labels import label_place
from geography.models import Place
from registrations.forms.fields import CoordinateField


class AlertFileForm(forms.Form):
    """A file from an alerting authority."""

    alert_file = forms.FileField(
        label=_("Alert file"),
        help_text=_("CAP 1.2 (.xml or .cap), up to 2 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,.cap"}),
    )


class TypedAreaForm(PlaceSearchMixin, forms.Form):
    """An area in words: a place or coordinates with a radius, or countries."""

    conditional = ("place", "place_id", "radius_km", "latitude", "longitude", "countries")

    place = forms.CharField(
        label=_("Place"),
        required=False,
        max_length=120,
        help_text=_("A town or city, in any language"),
        widget=PlaceNameInput,
    )
    latitude = CoordinateField(
        label=_("Latitude"),
        latitude=True,
        required=False,
        help_text=_("Degrees, for example 14.9"),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    longitude = CoordinateField(
        label=_("Longitude"),
        latitude=False,
        required=False,
        help_text=_("Degrees, for example −92.3 (west is negative)"),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    radius_km = forms.FloatField(
        label=_("Radius in kilometres"), required=False, min_value=1, max_value=5000, initial=100
    )
    countries = forms.MultipleChoiceField(label=_("Or whole countries"), required=False)

    unknown_place = _("We know no town of this name. Check the spelling, or give coordinates.")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["countries"]
        if user.countries is None:
            field.choices = country_choices()  # type: ignore[attr-defined]
            field.help_text = _("Hold Ctrl or ⌘ to choose several")
            field.widget.attrs["size"] = 6
        else:
            choices = sorted(
                ((code, country_name(code)) for code in user.countries), key=itemgetter(1)
            )
            self.fields["countries"] = forms.MultipleChoiceField(
                label=field.label,
                required=False,
                choices=choices,
                widget=forms.CheckboxSelectMultiple,
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        typed = cleaned.get("place") and "place" not in self.errors
        place = self.found_place() if typed else None
        if self.errors:
            return cleaned
        countries = cleaned["countries"]
        has_coordinates = cleaned["latitude"] is not None and cleaned["longitude"] is not None
        if (cleaned["latitude"] is None) != (cleaned["longitude"] is None):
            missing = "latitude" if cleaned["latitude"] is None else "longitude"
            self.add_error(missing, _("Give both latitude and longitude, or neither."))
        elif sum([bool(countries), place is not None, has_coordinates]) != 1:
            self.add_error(
                "place", _("Say where in one way: a place, coordinates, or whole countries.")
            )
        elif not countries and cleaned["radius_km"] is None:
            self.add_error("radius_km", _("Give the radius in kilometres."))
        else:
            self._build_area(cleaned, place, countries)
        return cleaned

    def _build_area(
        self, cleaned: dict[str, Any], place: Place | None, countries: list[str]
    ) -> None:
        try:
            if countries:
                cleaned["area"] = Area.countries(countries)
                names = ", ".join(country_name(code) for code in countries)
                cleaned |= {"label": names[:200], "source": AreaSource.COUNTRIES}
                return
            latitude = place.latitude if place else cleaned["latitude"]
            longitude = place.longitude if place else cleaned["longitude"]
            radius = cleaned["radius_km"]
            cleaned["area"] = Area.circle(latitude, longitude, radius)
            where = label_place(place) if place else f"{latitude:.3f}, {longitude:.3f}"
            label = gettext("%(where)s, within %(radius)s km") % {
                "where": where,
                "radius": f"{radius:g}",
            }
            cleaned |= {"label": label, "source": AreaSource.CIRCLE}
        except InvalidArea as error:
            self.add_error("countries" if countries else "radius_km", str(error))


class OpenCrisisForm(TypedAreaForm):
    """A crisis that begins with a typed area."""

    title = forms.CharField(
        label=_("What happened, and where"),
        max_length=120,
        help_text=_(
            "For example: Flood in Chiapas. It stands on every officer's list and, once the first "
            "notice has gone out, on the public first page."
        ),
    )
    is_drill = forms.BooleanField(
        label=_("This is an exercise"),
        required=False,
        help_text=_("Every notice of an exercise says so in its first line."),
    )
    field_order = ("title", "place", "radius_km", "latitude", "longitude", "countries", "is_drill")


class ConfirmImportForm(forms.Form):
    """The last look at what an alert file says before a crisis is opened from it."""

    title = forms.CharField(label=_("What happened, and where"), max_length=120)
    label = forms.CharField(
        label=_("The area, as people will read it"),
        max_length=120,
        help_text=_("It is the first line of every notice. Write out what the file abbreviates."),
    )
    confirm_expired = forms.BooleanField(
        label=_("Use its area although the alert has expired"),
        error_messages={"required": _("Tick this to use the area of an alert that has expired.")},
    )

    def __init__(self, *args: Any, expired: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not expired:
            del self.fields["confirm_expired"]


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
