"""What can be wrong with an alert file, each with a translated message for the page."""

from __future__ import annotations


class AlertFileError(ValueError):
    """The file cannot be used; the message names the element and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class SwappedCoordinates(AlertFileError):
    """Latitude and longitude seem to stand in the wrong order; read again with `swapped=True`."""
