"""Makes an undefined variable in one of our templates fail the test that renders it.

Django prints nothing for it, so that a misspelt name leaves a hole in a page which nobody sees.
Templates of other packages are left as their authors meant them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.template import engines
from django.template.base import Node, Variable

OUR_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


class UndefinedVariable(AssertionError):
    """A template of ours named something that its context does not hold."""


def _rendering_template() -> str:
    """The file of the innermost template node that is being rendered, or ""."""
    frame = inspect.currentframe()
    while frame is not None:
        node = frame.f_locals.get("self")
        if frame.f_code.co_name == "render_annotated" and isinstance(node, Node):
            return str(node.origin.name)
        frame = frame.f_back
    return ""


class _Refusal(str):
    """Django's `string_if_invalid`: asked for `%`, it names the variable and the template."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, variable: object) -> str:
        template = _rendering_template()
        if template.startswith(str(OUR_TEMPLATES)):
            name = variable.var if isinstance(variable, Variable) else variable
            raise UndefinedVariable(f"{{{{ {name} }}}} is undefined in {template}")
        return ""

    def __str__(self) -> str:
        # A call that needs arguments, or a missing related row, resolves to this object itself.
        template = _rendering_template()
        if template.startswith(str(OUR_TEMPLATES)):
            raise UndefinedVariable(f"a variable in {template} cannot be resolved")
        return ""


@contextmanager
def strict_templates() -> Iterator[None]:
    """While it lasts, Django's template engine refuses undefined variables in our templates."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    before = engine.string_if_invalid
    engine.string_if_invalid = _Refusal("undefined")
    try:
        yield
    finally:
        engine.string_if_invalid = before
