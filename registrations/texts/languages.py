"""One text in each language of the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.translation import override

from notifications.templates import TextOf

# Curly brackets in a State's name would read as a placeholder.
_NO_BRACES = str.maketrans("{}", "()")


def state_in(language: str) -> str:
    """The State's name, as it may stand in a text."""
    return settings.STATE_NAMES.get(language, settings.STATE_NAME).translate(_NO_BRACES)


def in_each_language(write: Callable[[str], TextOf]) -> list[TextOf]:
    """Call with each language of the portal, while that language is the active one."""
    texts: list[TextOf] = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts.append(write(language))
    return texts
