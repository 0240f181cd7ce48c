import json
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

LABEL = _("Browser notification")
ORDER = 30

# By the end of the name of its push service. Chrome stands for all that are built on it.
_BROWSERS = {
    "mozilla.com": "Firefox",
    "googleapis.com": "Chrome",
    "apple.com": "Safari",
    "windows.com": "Edge",
}


def describe(address: str) -> str:
    """Which browser it is. Raises nothing: what is no subscription is shown as nothing."""
    try:
        host = urlsplit(json.loads(address)["endpoint"]).hostname or ""
    except (ValueError, KeyError, TypeError):
        return ""
    return next((name for end, name in _BROWSERS.items() if host.endswith(f".{end}")), host)
