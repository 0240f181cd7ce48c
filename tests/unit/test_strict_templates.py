"""A hole in a page fails the test that renders it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.template import Context, engines
from django.template.base import Origin, Template

from tests.strict_templates import OUR_TEMPLATES, UndefinedVariable


def render(source: str, folder: Path, **context: object) -> str:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    template = Template(source, origin=Origin(str(folder / "page.html")), engine=engine)
    return template.render(Context(context))


def test_an_undefined_variable_in_our_template_fails():
    with pytest.raises(UndefinedVariable, match=r"crisis\.titel.*page\.html"):
        render("<h1>{{ crisis.titel }}</h1>", OUR_TEMPLATES, crisis={"title": "Flood"})


def test_a_default_does_not_excuse_it():
    with pytest.raises(UndefinedVariable):
        render('{{ missing|default:"-" }}', OUR_TEMPLATES)


def test_a_method_that_needs_arguments_fails():
    with pytest.raises(UndefinedVariable):
        render("{{ word.replace }}", OUR_TEMPLATES, word="flood")


def test_asking_whether_it_exists_is_allowed():
    assert render("{% if hint %}{{ hint }}{% endif %}", OUR_TEMPLATES) == ""


def test_other_packages_templates_are_left_alone(tmp_path):
    assert render("[{{ missing }}]", tmp_path) == "[]"
