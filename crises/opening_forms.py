"""The quick ways to a crisis: a file, or one place, region or set of countries in words."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crises.actions.refusals import OpenAlready
from crises.area_forms import AngleField, RadiusField, region_piece_of
from crises.drafting import area_of
from crises.enums import AreaSource
from crises.models import Crisis
from crises.pieces import Piece, circle_piece, country_piece, place_piece
from geography.areas import InvalidArea
from geography.countries import country_choices, country_name
from geography.forms import PlaceNameInput, PlaceSearchMixin
from geography.models import Place
from geography.regions import region_code

# What read_file knows; the file itself decides, not its name.
ALERT_SUFFIXES = ".xml,.cap,.rss,.json,.geojson,.kml,.kmz"


class AlertFileForm(forms.Form):
    """A file from an alerting authority."""

    alert_file = forms.FileField(
        label=_("Alert file"),
        help_text=_(
            "CAP, EDXL-DE, GDACS, USGS and ShakeMap, GeoJSON, KML (.xml .cap .rss .json .geojson "
            ".kml .kmz), up to 2 MB; GeoJSON and KML up to 6 MB"
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ALERT_SUFFIXES}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty."),
        },
    )


class TypedAreaForm(PlaceSearchMixin, forms.Form):
    """An area in words: a place or coordinates with a radius, a region, or countries.

    Once valid, `cleaned_data` holds its `pieces`, `area`, `label` and `source`.
    """

    conditional = ("place", "place_id", "radius_km", "latitude", "longitude", "countries")

    place = forms.CharField(
        label=_("Place"),
        required=False,
        max_length=120,
        help_text=_("A town or city, in any language"),
        widget=PlaceNameInput,
    )
    whole_region = forms.BooleanField(
        label=_("The whole region of this town"),
        required=False,
        help_text=_("Instead of a radius. People known only by that region are found as well."),
    )
    latitude = AngleField(
        label=_("Latitude"),
        latitude=True,
        required=False,
        help_text=_("For example 14.9, or 14°54'30\"N"),
    )
    longitude = AngleField(
        label=_("Longitude"),
        latitude=False,
        required=False,
        help_text=_("For example −92.3 (west is negative), or 92°16'12\"W"),
    )
    radius_km = RadiusField(required=False, initial=100)
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
        elif cleaned["whole_region"]:
            self._check_region(place)
        elif not countries and cleaned["radius_km"] is None:
            self.add_error("radius_km", _("Give the radius in kilometres."))
        if not self.errors:
            self._build(cleaned, place)
        return cleaned

    def _check_region(self, place: Place | None) -> None:
        if place is None:
            self.add_error("whole_region", _("Type a town of the region."))
        elif not region_code(place.country, place.admin1):
            self.add_error(
                "whole_region", _("The region of this town is not known. Take its country.")
            )

    def _build(self, cleaned: dict[str, Any], place: Place | None) -> None:
        try:
            piece, source = self._piece(cleaned, place)
            cleaned["area"] = area_of([piece])
        except InvalidArea as error:
            self.add_error("countries" if cleaned["countries"] else "radius_km", str(error))
            return
        cleaned |= {"pieces": [piece], "label": piece["label"], "source": source}

    def _piece(self, cleaned: dict[str, Any], place: Place | None) -> tuple[Piece, AreaSource]:
        if cleaned["countries"]:
            return country_piece(cleaned["countries"]), AreaSource.COUNTRIES
        if place is None:
            point = cleaned["latitude"], cleaned["longitude"]
            return circle_piece(*point, cleaned["radius_km"]), AreaSource.CIRCLE
        if cleaned["whole_region"]:
            return region_piece_of(place), AreaSource.REGION
        return place_piece(place, cleaned["radius_km"]), AreaSource.CIRCLE


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
    field_order = (
        "title", "place", "radius_km", "whole_region", "latitude", "longitude", "countries",
        "is_drill",
    )  # fmt: skip


class BesideForm(forms.Form):
    """Asks, where a crisis is open from the same alert already, whether this is another."""

    is_another = forms.BooleanField(
        label=_("This is another crisis: open it beside that one"),
        required=False,
    )

    def __init__(self, *args: Any, beside: Crisis | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if beside is None:
            del self.fields["is_another"]

    def refuse(self, refusal: Exception) -> None:
        """Say so where it can be answered."""
        asked = isinstance(refusal, OpenAlready) and "is_another" in self.fields
        self.add_error("is_another" if asked else None, str(refusal))


class UseAreaForm(BesideForm):
    """The last look at an area that was put together, before it is used."""

    title = forms.CharField(label=_("What happened, and where"), max_length=120)
    label = forms.CharField(
        label=_("The area, as people will read it"),
        max_length=120,
        help_text=_("It is the first line of every notice: a name that people there know."),
    )
    is_drill = forms.BooleanField(
        label=_("This is an exercise"),
        required=False,
        help_text=_("Every notice of an exercise says so in its first line."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, opens: bool, from_alert: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not opens:
            del self.fields["title"]
        # An alert's own status says whether it was issued in earnest.
        if not opens or from_alert:
            del self.fields["is_drill"]


class ConfirmImportForm(BesideForm):
    """The last look at what an alert file says, before its area is used."""

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

    def __init__(self, *args: Any, expired: bool, opens: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not expired:
            del self.fields["confirm_expired"]
        if not opens:
            del self.fields["title"]
