"""A form field pair that turns a typed place name into a place, with or without JavaScript."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from geography.folding import fold
from geography.labels import label_places
from geography.models import Place


class PlaceSearchMixin(forms.Form):
    """For a form that has a text field `place`; puts the Place, or None, in `place_found`.

    With JavaScript the search box fills `place_id`. Without it, a name that several places bear
    comes back with those places to choose from.
    """

    place_id = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        cleaned["place_found"] = None
        text = (cleaned.get("place") or "").strip()
        if not text or "place" in self.errors:
            return cleaned
        chosen = Place.objects.filter(pk=cleaned.get("place_id") or 0).first()
        if chosen is not None and _is_meant(chosen, text):
            cleaned["place_found"] = chosen
            return cleaned
        found = Place.objects.search(text) or Place.objects.search(text.split(",")[0])
        if not found:
            self.add_error(
                "place",
                _("We know no town of this name. Check the spelling, or give coordinates."),
            )
        elif len(found) == 1:
            cleaned["place_found"] = found[0]
        else:
            self._offer(found)
        return cleaned

    def _offer(self, found: list[Place]) -> None:
        labels = label_places(found)
        # Django keeps the field as it was when the form was cleaned, hidden.
        self._bound_fields_cache.pop("place_id", None)  # type: ignore[attr-defined]
        self.fields["place_id"] = forms.ChoiceField(
            label=_("Which of these?"),
            required=False,
            choices=list(zip([str(place.pk) for place in found], labels, strict=True)),
            widget=forms.RadioSelect,
        )
        self.add_error("place_id", _("Several places have this name. Choose one."))


def _is_meant(place: Place, text: str) -> bool:
    """Whether a chosen place still fits what stands in the text field."""
    folded = fold(text)
    return folded.startswith(fold(place.name)) or any(
        found.pk == place.pk for found in Place.objects.search(text)
    )
