"""The forms of a registration, for the rows of a list: the same fields and the same rules.

Two things differ. A person may be listed without an address: a report needs none. And nobody is
there to choose between places of one name, so the text must say which one is meant.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geography.finding import find_places, is_label_of
from geography.folding import fold
from geography.models import Place
from registrations.forms.identity import WhoForm
from registrations.forms.stays import StayForm

# What was found for a name and a country: the place, or what to say beside which field.
KnownPlaces = dict[tuple[str, str], tuple[Place | None, list[tuple[str, list[str]]]]]


class ListedPersonForm(WhoForm):
    def clean(self) -> dict[str, Any]:
        return forms.Form.clean(self) or self.cleaned_data


class ListedStayForm(StayForm):
    unknown_place = _("We know no town of this name. Write the nearest larger one, or only the "
                      "country.")  # fmt: skip

    def __init__(self, *args: Any, known: KnownPlaces, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "ends_on" in self.errors and not self.data.get("ends_on"):
            # The form's own words speak of a choice that stands on its page.
            del self.errors["ends_on"]
            self.add_error("ends_on", _("Write the last day."))
        return cleaned

    def found_place(self) -> Place | None:
        """Each name is looked up once in a list."""
        key = (self.cleaned_data.get("place") or "", self.cleaned_data.get("country") or "")
        if key not in self.known:
            place = super().found_place()
            self.known[key] = (place, [] if place else self._place_problems())
            return place
        place, problems = self.known[key]
        for name, lines in problems:
            for line in lines:
                self.add_error(name, line)
        return place

    def _place_problems(self) -> list[tuple[str, list[str]]]:
        names = [name for name in ("place", "place_id", "country") if name in self.errors]
        if "place_id" in names:
            choices = self.fields["place_id"].choices  # type: ignore[attr-defined]
            self.add_error("place_id", " · ".join(str(label) for _pk, label in choices))
        return [(name, [str(line) for line in self.errors[name]]) for name in names]

    def _chosen(self) -> Place | None:
        """The one place that the text names as our lists of choices do, or in that country."""
        text, country = self.cleaned_data["place"], self.cleaned_data.get("country") or ""
        name = text.split(",")[0].split(" (")[0]
        meant = [
            place
            for place in find_places(name, country=country)
            if is_label_of(text, place) and (country or fold(text) != fold(place.name))
        ]
        return meant[0] if len(meant) == 1 else None
