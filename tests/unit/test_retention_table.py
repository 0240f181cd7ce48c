"""Nothing about anybody is without an end: each table stands in docs/retention.md with its code."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

from privacy.declarations import declared_models

_ROW = re.compile(r"^\| (\w+\.[^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.M)
_CODE = re.compile(r"`([\w.]+)`")


def rows() -> dict[str, tuple[str, str, str]]:
    """How long, by which code, tested where, by the label of a model."""
    text = (Path(settings.BASE_DIR) / "docs" / "retention.md").read_text()
    found = {}
    for names, *columns in _ROW.findall(text):
        app, _, models = names.partition(".")
        for model in models.split(", "):
            found[f"{app}.{model.strip()}"] = tuple(columns)
    return found


def test_every_table_about_somebody_has_its_end():
    about = {one.model._meta.label for one in declared_models() if one.about}
    assert about
    assert about <= rows().keys(), about - rows().keys()


def test_what_it_names_is_there():
    tests = {path.stem for path in Path(settings.BASE_DIR, "tests").rglob("test_*.py")}
    sources = "\n".join(
        path.read_text()
        for app in ("accounts", "audit", "crises", "notifications", "partners", "registrations")
        for path in Path(settings.BASE_DIR, app).rglob("*.py")
    )
    commands = {path.stem for path in Path(settings.BASE_DIR).glob("*/management/commands/*.py")}
    for label, (_until, code, tested) in rows().items():
        if code.strip() == "-":
            continue
        for name in _CODE.findall(code):
            last = name.split(".")[-1]
            assert f"def {last}(" in sources or last in commands, (label, name)
        for name in tested.split(", "):
            assert name.strip().split("/")[-1] in tests, (label, name)
