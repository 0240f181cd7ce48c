"""Inputs and selects are written as Django's own templates would write them."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from micic_portal.form_rendering import FormRenderer

_HOSTILE = "<b>&\"'"
_CHOICES = [
    ("", gettext_lazy("Not given")),
    ("a", _HOSTILE),
    (7, "seven"),
    (_HOSTILE, mark_safe("<i>safe</i>")),  # One that is meant as it stands.
    ("Group <1>", [("b", "B"), ("c", "C")]),
]
_WIDGETS = [
    forms.TextInput(attrs={"data-x": _HOSTILE, "autofocus": True, "disabled": False, "size": 3}),
    forms.EmailInput(),
    forms.HiddenInput(),
    forms.NumberInput(attrs={"min": 0}),
    forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    forms.CheckboxInput(),
    forms.PasswordInput(),
    forms.Select(choices=_CHOICES, attrs={"class": "wide"}),
]


@pytest.mark.parametrize("value", [None, "", "a", 7, 1500, True, _HOSTILE, mark_safe("&amp;")])
@pytest.mark.parametrize("widget", _WIDGETS, ids=lambda widget: type(widget).__name__)
def test_it_says_what_djangos_templates_say(widget, value):
    ours, theirs = (
        re.sub(
            r"\s+<",  # Lines may break elsewhere between the options.
            "<",
            widget.render(f"n{_HOSTILE}", value, {"id": "id_n", "required": True}, drawn),
        )
        for drawn in (FormRenderer(), TemplatesSetting())
    )
    assert ours == theirs
