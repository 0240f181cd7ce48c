"""What can be wrong with an alert file, each with a translated message for the page."""

from __future__ import annotations

from django.utils.translation import gettext as _


class AlertFileError(ValueError):
    """The file cannot be used; the message names the element and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SwappedCoordinates(AlertFileError):
    """Latitude and longitude seem to stand in the wrong order; read again with `swapped=True`."""


def at(element: str, line: int, problem: str) -> str:
    """The problem, led by its element and the line where that begins."""
    return _("%(element)s (line %(line)d): %(problem)s") % {
        "element": element,
        "line": line,
        "problem": problem,
    }
