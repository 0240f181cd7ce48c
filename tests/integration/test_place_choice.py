"""Namesakes can be chosen among without JavaScript, on every form that searches places."""

from __future__ import annotations

import pytest
from django import forms

from geography.forms import PlaceSearchMixin
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db


class PlaceForm(PlaceSearchMixin, forms.Form):
    place = forms.CharField(required=False)


def test_namesakes_come_back_as_radio_buttons():
    places = make_places()
    form = PlaceForm({"place": "Paris"})
    assert not form.is_valid()
    shown = str(form["place_id"])
    assert shown.count('type="radio"') == 2
    chosen = PlaceForm({"place": "Paris", "place_id": str(places["Paris US"].pk)})
    assert chosen.is_valid()
    assert chosen.cleaned_data["place_found"] == places["Paris US"]
