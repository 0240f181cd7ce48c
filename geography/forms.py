"""Turns a typed place name into a place, with or without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.urls import reverse_lazy
from django.utils.choices import BaseChoiceIterator
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from geography.countries import country_choices
from geography.finding import find_places, is_label_of, names_alone, places_like
from geography.labels import label_places
from geography.models import Place


class CountryChoices(BaseChoiceIterator):
    """Every country in the active language, after the words for none of them.

    Ready as it is: of a list, Django would look at each of the 250 names whenever it is read.
    """

    def __init__(self, *, none: Any) -> None:
        self.none = none

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield "", str(self.none)
        yield from country_choices()


class PlaceNameInput(forms.TextInput):
    """A text field that the search box of static/js/place-search.js makes its own."""

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "autocomplete": "off",
                "data-place-search": "",
                "data-url": reverse_lazy("search_places"),
                "data-target": "id_place_id",
            }
        )


class CountrySelect(forms.Select):
    """A list of all countries. Its 250 options are written once for each language: with Django's
    template for each of them, they would cost more than the rest of a page."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        options = _options(tuple((str(code), str(label)) for code, label in self.choices))
        for chosen in self.format_value(value):
            given = f'<option value="{escape(chosen)}"'
            options = options.replace(f"{given}>", f"{given} selected>", 1)
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        # Every part was escaped by the standard library: Django's own escaping takes ten times
        # as long, five hundred times.
        return mark_safe(f"<select{attributes}>\n{options}\n</select>")  # noqa: S308  # nosec


@lru_cache(maxsize=32)
def _options(choices: tuple[tuple[str, str], ...]) -> str:
    return "\n".join(
        f'<option value="{escape(code)}">{escape(label)}</option>' for code, label in choices
    )


class PlaceSearchMixin(forms.Form):
    """For a form with a text field `place` (and perhaps a `country`); ask found_place() in clean().

    With JavaScript the search box fills `place_id`. Without it, a name that several places bear,
    or none quite, comes back with those places to choose from.
    """

    # What the search box found, and for which text; a name typed anew is searched anew.
    place_id = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)

    unknown_place: Any = _("We know no town of this name. Check the spelling.")

    @property
    def offers_places(self) -> bool:
        return isinstance(self.fields["place_id"].widget, forms.RadioSelect)

    def found_place(self) -> Place | None:
        """The place that is meant, or None, with the reason beside its field."""
        text = self.cleaned_data.get("place") or ""
        country = self.cleaned_data.get("country") or ""
        found = find_places(text, country=country)
        chosen = self._chosen()
        if chosen is not None and (chosen in found or is_label_of(text, chosen)):
            return chosen
        # In a list of people nobody can choose: there the label itself may be written.
        meant = [place for place in found if names_alone(text, place)] or found
        if len(meant) == 1:
            return meant[0]
        if found:
            self._offer(found, _("Several places bear this name. Choose one."))
            return None
        alike = places_like(text, country=country)
        if chosen in alike:
            return chosen
        if alike:
            self._offer(alike, _("We know no town of this name. Did you mean one of these?"))
        elif country and find_places(text):
            self.add_error("country", _("We know this town, but not in this country."))
        else:
            self.add_error("place", self.unknown_place)
        return None

    def _chosen(self) -> Place | None:
        typed = self.cleaned_data.get("place_id") or ""
        if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
            return None
        return Place.objects.filter(pk=int(typed)).first()

    def _offer(self, found: list[Place], problem: Any) -> None:
        labels = label_places(found)
        # Django keeps the field as it was when the form was cleaned, hidden.
        self._bound_fields_cache.pop("place_id", None)  # type: ignore[attr-defined]
        self.fields["place_id"] = forms.ChoiceField(
            label=_("Which place?"),
            required=False,
            choices=list(zip([str(place.pk) for place in found], labels, strict=True)),
            widget=forms.RadioSelect,
        )
        self.add_error("place_id", problem)
