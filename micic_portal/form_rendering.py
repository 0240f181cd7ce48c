"""Draws forms: says what Django's templates say of inputs and selects, without a template each.

A page of fields spent more time in the templates of its inputs than in everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape

_FOLDER = "django/forms/widgets"


class DrawnField(BoundField):
    """A field that hands its template plain values: each look-up in a BoundField is a slow one."""

    def get_context(self) -> dict[str, Any]:
        conditional = getattr(self.form, "conditional", ())
        is_group = self.use_fieldset
        return {
            "widget": str(self),
            "is_hidden": self.is_hidden,
            "kind": self.widget_type,
            "is_group": is_group,
            "described_by": self.aria_describedby if is_group else "",
            "label": str(self.label),
            "label_for": self.id_for_label,
            "is_optional": not (self.field.required or self.name in conditional),
            "help_text": str(self.help_text),
            "errors": self.errors,
            "auto_id": self.auto_id,
        }


class FormRenderer(TemplatesSetting):
    """Templates from templates/django/forms/ and Django's own, save for the plainest widgets."""

    bound_field_class = DrawnField

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        write = _WRITERS.get(template_name)
        if write is not None:
            return write(context["widget"])
        return super().render(template_name, context, request)


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {conditional_escape(name)}"
        if value is True
        else f' {conditional_escape(name)}="{conditional_escape(str(value))}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Mapping[str, Any]) -> str:
    given = widget["value"]
    value = "" if given is None else f' value="{conditional_escape(str(given))}"'
    return (
        f'<input type="{conditional_escape(widget["type"])}"'
        f' name="{conditional_escape(widget["name"])}"{value}{_attributes(widget["attrs"])}>'
    )


def _select(widget: Mapping[str, Any]) -> str:
    written = []
    for group, options, _index in widget["optgroups"]:
        lines = "".join(f"\n  {_option(option)}" for option in options)
        if group:
            label = conditional_escape(str(group))
            lines = f'\n  <optgroup label="{label}">{lines}\n  </optgroup>'
        written.append(lines)
    start = f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    return f"{start}{''.join(written)}\n</select>"


def _option(option: Mapping[str, Any]) -> str:
    return (
        f'<option value="{conditional_escape(str(option["value"]))}"'
        f"{_attributes(option['attrs'])}>{conditional_escape(str(option['label']))}</option>"
    )


_WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    **{
        f"{_FOLDER}/{kind}.html": _input
        for kind in ("text", "email", "hidden", "number", "date", "checkbox", "password")
    },
    f"{_FOLDER}/select.html": _select,
}
