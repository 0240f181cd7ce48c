"""A browser's own name for itself, cut down to what its user recognises. The rest is not kept."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first that is found counts: most browsers also give the names of others.
_BROWSERS = (
    ("Edg", "edge", "Edge"),
    ("OPR/", "opera", "Opera"),
    ("SamsungBrowser/", "samsung", "Samsung Internet"),
    ("Firefox/", "firefox", "Firefox"),
    ("FxiOS/", "firefox", "Firefox"),
    ("Chrome/", "chrome", "Chrome"),
    ("CriOS/", "chrome", "Chrome"),
    ("Safari/", "safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iphone", "iPhone"),
    ("iPad", "ipad", "iPad"),
    ("Android", "android", "Android"),
    ("Windows", "windows", "Windows"),
    ("CrOS", "chromeos", "ChromeOS"),
    ("Mac OS X", "mac", "Mac"),
    ("Linux", "linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Two codes, as "firefox-windows"; "other" for what is not known."""
    return f"{_first(_BROWSERS, user_agent)}-{_first(_SYSTEMS, user_agent)}"


def device_name(device: str) -> str:
    """The same in words."""
    browser, _dash, system = device.partition("-")
    names = {code: name for _mark, code, name in (*_BROWSERS, *_SYSTEMS)}
    if browser in names and system in names:
        return _("%(browser)s on %(system)s") % {
            "browser": names[browser],
            "system": names[system],
        }
    return names.get(browser) or names.get(system) or _("A device we do not know")


def _first(known: tuple[tuple[str, str, str], ...], user_agent: str) -> str:
    return next((code for mark, code, _name in known if mark in user_agent), "other")
