"""Places can be chosen among without JavaScript, on every form that searches them."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from geography.forms import PlaceSearchMixin
from geography.models import Place
from tests.factories.places import make_place
from tests.factories.registrations import KATHMANDU, make_places

pytestmark = pytest.mark.django_db


class PlaceForm(PlaceSearchMixin, forms.Form):
    place = forms.CharField(required=False)
    country = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        return {**(super().clean() or {}), "found": self.found_place()}


def test_namesakes_come_back_as_radio_buttons():
    places = make_places()
    form = PlaceForm({"place": "Paris"})
    assert not form.is_valid()
    shown = str(form["place_id"])
    assert shown.count('type="radio"') == 2
    assert form.offers_places
    chosen = PlaceForm({"place": "Paris", "place_id": str(places["Paris US"].pk)})
    assert chosen.is_valid()
    assert chosen.cleaned_data["found"] == places["Paris US"]


def test_a_misspelt_name_comes_back_with_what_resembles_it():
    make_places()
    form = PlaceForm({"place": "Katmandhu"})
    assert not form.is_valid()
    assert "Did you mean" in str(form.errors["place_id"])
    chosen = PlaceForm({"place": "Katmandhu", "place_id": str(KATHMANDU)})
    assert chosen.is_valid()
    assert chosen.cleaned_data["found"].pk == KATHMANDU


def test_a_name_typed_anew_is_searched_anew():
    places = make_places()
    form = PlaceForm({"place": "Suva", "place_id": str(KATHMANDU)})
    assert form.is_valid()
    assert form.cleaned_data["found"] == places["Suva FJ"]


@pytest.mark.parametrize("place_id", ["1e3", "²", "9" * 12, "-1", "0"])
def test_what_is_no_place_is_not_chosen(place_id: str):
    make_places()
    form = PlaceForm({"place": "Suva", "place_id": place_id})
    assert form.is_valid()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"place": "Suva", "country": "NP"}, "country"), ({"place": "Xyzzy"}, "place")],
)
def test_what_is_not_known_is_said_beside_its_field(typed: dict[str, str], field: str):
    make_places()
    form = PlaceForm(typed)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_the_label_that_tells_namesakes_apart_may_be_typed():
    make_places()
    paris = Place.objects.get(country="US", name="Paris")
    namesake = make_place(
        pk=7, name="Paris", country="US", latitude=36.3, longitude=-88.3, names=("Paris",)
    )
    Place.objects.filter(pk=namesake.pk).update(admin1="TN")
    form = PlaceForm({"place": "Paris", "country": "US"})
    assert not form.is_valid()
    offered = str(form["place_id"])
    assert "Paris (TX), United States" in offered
    for typed, meant in (
        ("Paris (TX), United States", paris),
        ("paris (tn), united states", namesake),
    ):
        form = PlaceForm({"place": typed, "country": "US"})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["found"] == meant
