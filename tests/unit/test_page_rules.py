"""Rules of the pages that a reader of one template does not see broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))

# The Content-Security-Policy refuses these silently: the page would only look or act wrong.
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=[\"']|<script(?![^>]*\ssrc=)|javascript:")
# Arabic mirrors a page by itself only where nothing says left or right.
PHYSICAL = re.compile(
    r"(?:margin|padding|border)-(?:left|right)|(?<![-\w])(?:left|right)\s*:|"
    r"(?:text-align|float):\s*(?:left|right)"
)
ELSEWHERE = re.compile(r"(?:src|href|action)=[\"'](?:https?:)?//|url\(\s*[\"']?(?:https?:)?//")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_code_and_call_nobody(path):
    text = path.read_text(encoding="utf-8")
    assert INLINE.findall(text) == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_styles_know_no_left_and_right(path):
    text = path.read_text(encoding="utf-8")
    assert PHYSICAL.findall(text) == []
    assert ELSEWHERE.findall(text) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_no_markup(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


def test_every_vendored_library_is_named_with_its_licence():
    folders = {path.name for path in (ROOT / "static/vendor").iterdir() if path.is_dir()}
    named = (ROOT / "static/vendor/VERSIONS.md").read_text(encoding="utf-8")
    for folder in folders:
        assert f"| `{folder}/` |" in named
        assert (ROOT / "static/vendor" / folder / "LICENSE").exists()
