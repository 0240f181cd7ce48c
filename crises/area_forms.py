"""Where a crisis is, in words: each way of typing a piece of an area, and the quick way in."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from crises.enums import Operation
from crises.pieces import (
    Piece,
    circle_piece,
    country_piece,
    place_piece,
    polygon_piece,
    rectangle_piece,
    region_piece,
)
from crises.place_lines import MOST_LINES, PlaceLine, read_lines
from geography.areas import InvalidArea
from geography.coordinates import InvalidCoordinate, Point, read_angle, read_point
from geography.countries import country_at, country_choices, country_name
from geography.forms import PlaceNameInput, PlaceSearchMixin
from geography.labels import label_places
from geography.models import Place
from geography.regions import region_code

_LEFT_OUT = "none"


class RadiusField(forms.FloatField):
    """Kilometres."""

    def __init__(self, **kwargs: Any) -> None:
        given: dict[str, Any] = {"label": _("Radius in kilometres"), "min_value": 1}
        super().__init__(**(given | {"max_value": 5000} | kwargs))
        self.widget.attrs["inputmode"] = "decimal"


class AngleField(forms.CharField):
    """A latitude or a longitude as people write them; empty gives None."""

    def __init__(self, *, latitude: bool, **kwargs: Any) -> None:
        super().__init__(max_length=40, widget=forms.TextInput(attrs={"dir": "ltr"}), **kwargs)
        self.latitude = latitude

    def clean(self, value: Any) -> float | None:
        text = super().clean(value)
        try:
            return read_angle(text, latitude=self.latitude) if text else None
        except InvalidCoordinate as error:
            raise forms.ValidationError(str(error)) from error


class PieceForm(forms.Form):
    """A way of typing pieces. `operation` says whether they are added or taken away."""

    def __init__(
        self, *args: Any, user: User, operation: str = Operation.ADD, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.operation = operation

    @property
    def pieces(self) -> list[Piece]:
        """Once the form is valid."""
        found: list[Piece] = self.cleaned_data["pieces"]
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                cleaned["pieces"] = self.build(cleaned)
            except InvalidArea as error:
                self.add_error(None, str(error))
        return cleaned

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        """The pieces, from fields that are each valid. May add errors, or raise InvalidArea."""
        raise NotImplementedError


class PlaceForm(PlaceSearchMixin, PieceForm):
    """One place and a radius."""

    place = forms.CharField(
        label=_("Place"),
        max_length=120,
        help_text=_("A town or city, in any language"),
        widget=PlaceNameInput,
    )
    radius_km = RadiusField(initial=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].widget.attrs["data-target"] = self["place_id"].id_for_label

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        place = self.found_place()
        if place is None:
            return []
        return [place_piece(place, cleaned["radius_km"], operation=self.operation)]


class RegionForm(PlaceSearchMixin, PieceForm):
    """The whole region of a town: of regions only codes are known, so a town names them."""

    place = forms.CharField(
        label=_("A town in the region"),
        max_length=120,
        help_text=_("People whose stay is somewhere in its region are found as well."),
        widget=PlaceNameInput,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].widget.attrs["data-target"] = self["place_id"].id_for_label

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        place = self.found_place()
        return [] if place is None else self._region(place)

    def _region(self, place: Place) -> list[Piece]:
        if not region_code(place.country, place.admin1):
            self.add_error("place", _("The region of this town is not known. Take its country."))
            return []
        return [region_piece_of(place, operation=self.operation)]


class PlacesForm(PieceForm):
    """Several places, one per line. What is not clear is asked, line by line."""

    conditional: tuple[str, ...] = ()

    places = forms.CharField(
        label=_("Places, one per line"),
        max_length=8000,
        strip=False,
        help_text=_(
            "A radius of its own may follow each name: Tapachula, 50 km. A country may, too: "
            "Córdoba, Mexico."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    radius_km = RadiusField(label=_("Radius in kilometres where none is given"), initial=50)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unclear: list[PlaceLine] = []

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        lines = read_lines(cleaned["places"], preferred=self.user.countries or ())
        if len(lines) > MOST_LINES:
            raise InvalidArea(_("Type at most %(most)d places at once.") % {"most": MOST_LINES})
        pieces = []
        for line in lines:
            answer = self.data.get(self.add_prefix(f"which-{line.key}"), "")
            if answer == _LEFT_OUT:
                continue
            chosen = {str(place.pk): place for place in line.candidates}.get(answer)
            place = line.place or chosen
            if place is None:
                self.unclear.append(line)
                continue
            radius = cleaned["radius_km"] if line.radius_km is None else line.radius_km
            try:
                pieces.append(place_piece(place, radius, operation=self.operation))
            except InvalidArea as error:
                line.problem = f"“{line.text[:80]}”: {error}"
                line.candidates = []
                self.unclear.append(line)
        return pieces

    def ask_the_rest(self) -> PlacesForm:
        """The same form with the lines that are not clear alone, and a question about each."""
        rest = PlacesForm(
            {
                self.add_prefix("places"): "\n".join(line.text for line in self.unclear),
                self.add_prefix("radius_km"): f"{self.cleaned_data['radius_km']:g}",
            },
            user=self.user,
            operation=self.operation,
            prefix=self.prefix,
        )
        rest.is_valid()
        for line in self.unclear:
            if line.candidates:
                rest._ask(line)
            else:
                rest.add_error("places", line.problem)
        return rest

    def questions(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("which-")]

    def _ask(self, line: PlaceLine) -> None:
        labels = label_places(line.candidates)
        choices = [
            *zip([str(place.pk) for place in line.candidates], labels, strict=True),
            (_LEFT_OUT, _("None of these: leave it out")),
        ]
        name = f"which-{line.key}"
        self.conditional = (*self.conditional, name)
        self.fields[name] = forms.ChoiceField(
            label=line.name, required=False, choices=choices, widget=forms.RadioSelect
        )
        self.add_error(name, line.problem)


class CoordinatesForm(PieceForm):
    """One point and a radius, or the corners of a shape. The wrong order is noticed."""

    conditional = ("radius_km",)

    points = forms.CharField(
        label=_("Latitude, longitude; one point per line"),
        max_length=200_000,
        strip=False,
        help_text=_(
            "Also in degrees, minutes and seconds: 14°54'30\"N 92°16'12\"W. Three points or more "
            "make a shape; one point needs a radius."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "ltr"}),
        error_messages={
            "max_length": _("These are more points than can be typed: read them from a file.")
        },
    )
    radius_km = RadiusField(label=_("Radius in kilometres, for one point"), required=False)
    # "" asks when in doubt; "typed" and "exchanged" are the two answers.
    order = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks_order = False
        # Whether the order typed could be meant at all.
        self.may_be_as_typed = False

    def clean_points(self) -> list[Point]:
        points, problems = [], []
        for number, text in enumerate(self.cleaned_data["points"].splitlines(), start=1):
            if not text.strip():
                continue
            try:
                points.append(read_point(text))
            except InvalidCoordinate as error:
                problems.append(
                    _("Line %(number)d: %(problem)s") % {"number": number, "problem": error}
                )
        if problems:
            raise forms.ValidationError(problems[:10])
        if len(points) == 2:
            raise forms.ValidationError(
                _("Two points enclose nothing. Give one and a radius, or three and more.")
            )
        return points

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        points: list[Point] = cleaned["points"]
        if len(points) == 1 and cleaned["radius_km"] is None:
            self.add_error("radius_km", _("Give the radius in kilometres."))
            return []
        order = cleaned["order"]
        if order == "exchanged":
            points = [one if one.is_lettered else one.exchanged() for one in points]
        elif any(one.is_exchanged for one in points):
            return self._ask(_("A latitude lies beyond 90 degrees: are the two exchanged?"))
        elif order != "typed" and self._would_rather_be_exchanged(points[0]):
            self.may_be_as_typed = True
            return self._ask(
                _("Read as latitude and longitude this is %(here)s, the other way round %(there)s.")
                % {"here": _where(points[0]), "there": _where(points[0].exchanged())}
            )
        if len(points) == 1:
            return [
                circle_piece(
                    points[0].latitude,
                    points[0].longitude,
                    cleaned["radius_km"],
                    operation=self.operation,
                )
            ]
        corners = [(one.latitude, one.longitude) for one in points]
        return [polygon_piece(corners, operation=self.operation)]

    def _ask(self, problem: Any) -> list[Piece]:
        self.asks_order = True
        self.add_error("points", problem)
        return []

    def _would_rather_be_exchanged(self, point: Point) -> bool:
        """Whether the point lies outside one's own countries, and would lie inside exchanged."""
        if point.is_lettered or abs(point.longitude) > 90:
            return False
        own = self.user.countries
        here = country_at(point.latitude, point.longitude)
        there = country_at(point.longitude, point.latitude)
        if own is None:
            return here is None and there is not None
        return here not in own and there in own


class RectangleForm(PieceForm):
    """Between two latitudes and two longitudes."""

    north = AngleField(label=_("Northern edge"), latitude=True)
    south = AngleField(label=_("Southern edge"), latitude=True)
    west = AngleField(label=_("Western edge"), latitude=False)
    east = AngleField(label=_("Eastern edge"), latitude=False)

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        if cleaned["south"] >= cleaned["north"]:
            self.add_error("north", _("The northern edge must lie north of the southern one."))
            return []
        edges = (cleaned[name] for name in ("south", "west", "north", "east"))
        return [rectangle_piece(*edges, operation=self.operation)]


class CountriesForm(PieceForm):
    """Whole countries. Those of other posts can be taken away, and not added."""

    conditional = ("own", "other")

    own = forms.MultipleChoiceField(
        label=_("Countries of your post"), required=False, widget=forms.CheckboxSelectMultiple
    )
    other = forms.MultipleChoiceField(
        label=_("Other countries"),
        required=False,
        help_text=_("Hold Ctrl or ⌘ to choose several. They can only be taken away."),
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = self.user.countries
        if own is None:
            del self.fields["own"]
            self.fields["other"].label = _("Countries")
            self.fields["other"].help_text = _("Hold Ctrl or ⌘ to choose several")
        else:
            named = sorted(((code, country_name(code)) for code in own), key=itemgetter(1))
            self.fields["own"].choices = named  # type: ignore[attr-defined]
        self.fields["other"].choices = [  # type: ignore[attr-defined]
            (code, name) for code, name in country_choices() if code not in (own or ())
        ]

    def build(self, cleaned: dict[str, Any]) -> list[Piece]:
        codes = [*cleaned.get("own", []), *cleaned["other"]]
        if not codes:
            self.add_error("own" if "own" in self.fields else "other", _("Choose a country."))
            return []
        if cleaned["other"] and self.operation == Operation.ADD and self.user.countries is not None:
            beyond = ", ".join(country_name(code) for code in cleaned["other"])
            self.add_error(
                "other",
                _("Your post does not answer for %(countries)s.") % {"countries": beyond},
            )
            return []
        return [country_piece(codes, operation=self.operation)]


def region_piece_of(town: Place, *, operation: str = Operation.ADD) -> Piece:
    """The region around a town, which it is called after."""
    code = region_code(town.country, town.admin1)
    label = _("The whole region of %(town)s (%(code)s)") % {"town": town.name, "code": code}
    return region_piece(code, label=label, operation=operation)


def _where(point: Point) -> str:
    code = country_at(point.latitude, point.longitude)
    return country_name(code) if code else str(_("the open sea"))


# By the name under which each stands on the page, in its order there.
WAYS: dict[str, type[PieceForm]] = {
    "place": PlaceForm,
    "places": PlacesForm,
    "region": RegionForm,
    "countries": CountriesForm,
    "coordinates": CoordinatesForm,
    "rectangle": RectangleForm,
}
