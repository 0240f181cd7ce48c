"""What the field templates and the components promise to every page."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.template import engines

from tests.strict_templates import UndefinedVariable


class StayForm(forms.Form):
    conditional = ("country",)
    country = forms.CharField(label="Country", required=False)
    town = forms.CharField(label="Town", help_text="In any language")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    ends = forms.ChoiceField(
        label="When does it end?",
        help_text="Choose one",
        choices=[("a", "On a date"), ("b", "I live there")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="Contact me in a crisis", help_text="You can end it")


def component(name: str, **context: object) -> str:
    return engines["django"].get_template(f"components/{name}.html").render(context)


def test_a_field_ties_its_hint_and_its_error_to_its_input():
    html = StayForm({})["town"].as_field_group()
    assert 'aria-describedby="id_town_helptext id_town_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_town_helptext"' in html
    assert 'id="id_town_error"' in html
    assert '<span class="visually-hidden">Error:</span>' in html
    assert "(optional)" not in html


def test_an_optional_field_says_so():
    assert "(optional)" in StayForm()["note"].as_field_group()


def test_a_field_needed_in_some_cases_is_not_called_optional():
    assert "(optional)" not in StayForm()["country"].as_field_group()


def test_a_group_is_a_fieldset_whose_options_have_labels():
    html = StayForm({})["ends"].as_field_group()
    assert '<fieldset aria-describedby="id_ends_helptext id_ends_error">' in html
    assert "<legend>When does it end?</legend>" in html
    assert '<label for="id_ends_0">On a date</label>' in html


def test_a_single_checkbox_has_its_label_after_it():
    html = StayForm()["agree"].as_field_group()
    assert html.index('type="checkbox"') < html.index("Contact me in a crisis")
    assert html.count("<label") == 1


def test_the_error_summary_links_to_each_field():
    form = StayForm({})
    html = component("error_summary", form=form)
    links = re.findall(r'href="#([^"]+)"', html)
    assert links == ["id_town", "id_ends_0", "id_agree"]
    for link in links:
        assert f'id="{link}"' in form.as_div()


def test_the_error_summary_is_silent_without_errors():
    assert component("error_summary", form=StayForm()).strip() == ""


def test_bars_are_a_table_first():
    html = component(
        "bars",
        caption="By language",
        rows=[{"label": "Español", "value": 1500, "tone": "main", "hint": ""}],
        maximum=3000,
    )
    assert "<caption>By language</caption>" in html
    assert '<th scope="row">Español</th>' in html
    assert "1,500" in html
    assert 'width="50%"' in html


def test_values_are_escaped():
    html = component("summary_list", rows=[{"label": "Name", "value": "<b>x</b>"}])
    assert "&lt;b&gt;x" in html


def test_a_component_without_its_argument_fails_the_test():
    with pytest.raises(UndefinedVariable):
        component("figure_tile", number=3)


@pytest.mark.parametrize("name", ["400", "403", "404", "429", "403_csrf", "500"])
def test_error_pages_need_no_context(name):
    html = engines["django"].get_template(f"{name}.html").render({})
    assert "<h1>" in html
    assert "<html" in html
