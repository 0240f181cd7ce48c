"""The list of countries is written as Django would write it, only in one go."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django import forms

from geography.forms import CountrySelect

CHOICES = [("", "Choose"), ("FR", "France"), ("CI", "Côte d’Ivoire"), ("XX", "<b>&\"'")]


class _Elements(HTMLParser):
    """Tags with their attributes, and texts, however they are spaced."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


def form_with(widget: type[forms.Select]) -> type[forms.Form]:
    field = forms.ChoiceField(choices=lambda: CHOICES, widget=widget(attrs={"class": "wide"}))
    return type("CountryForm", (forms.Form,), {"country": field})


@pytest.mark.parametrize("value", [None, "", "FR", "XX", "ZZ", "<script>"])
def test_it_holds_what_djangos_own_holds(value):
    data = None if value is None else {"country": value}
    written = [str(form_with(widget)(data)["country"]) for widget in (CountrySelect, forms.Select)]
    ours, theirs = (_Elements(html).found for html in written)
    assert ours == theirs
    assert "<script>" not in written[0]
