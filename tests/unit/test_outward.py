"""What of the portal opens a connection or reads XML, by name: a new place is looked at first.

An address that somebody else gives must never lead into the ministry's own network. Servers are
named by the operator's settings; what a browser gives is held to the operator's list of push
services, and connections to it go through notifications/channels/guarding.py, which refuses
private ranges. Whoever adds a place that follows a given address (a webhook) uses that guard.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import openpyxl.xml
from django.conf import settings

BASE = Path(settings.BASE_DIR)
NOT_SERVED = {"tests", "benchmarks", ".venv", "var", "build", "node_modules"}
CONNECTING = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
}
# Where each connects to, and who says so.
PLACES = {
    "notifications/channels/mail/session.py": "EMAIL_HOST, from the operator's settings",
    "notifications/channels/mail/services/line.py": "the services of the operator's settings",
    "notifications/channels/mail/services/outcomes.py": "nothing: the names of errors",
    "notifications/channels/http.py": "each provider's address, from the operator's settings",
    "notifications/channels/guarding.py": "browsers' addresses, at known push services alone",
    "notifications/engine/draining.py": "nothing: this machine's own name",
    "notifications/watching/heartbeats.py": "nothing: this machine's own name",
    "oversight/actions/mailing.py": "EMAIL_HOST, from the operator's settings",
    "accounts/mailing.py": "nothing: the name of an error; mail goes to EMAIL_HOST",
    "docker/healthcheck.py": "this container",
    "micic_portal/management/commands/rehearse.py": "nothing: looks for a free port here",
    "micic_portal/demo/inbox.py": "DEMO_SINKS_URL, the demo's own process",
    "micic_portal/demo/processes.py": "the demo's own processes",
    "micic_portal/demo/rehearsal.py": "the demo's own processes",
    "micic_portal/demo/visitor.py": "the demo itself",
    "micic_portal/demo/sinks/gateway.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/telegram.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/whatsapp.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/__main__.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/answers.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/control.py": "nothing: serves the demo",
    "micic_portal/demo/sinks/receipts.py": "this machine alone: the portal's webhooks",
    "micic_portal/demo/sinks/twilio.py": "nothing: serves the demo",
}
# Names of its parts that read no text by themselves.
HARMLESS_XML = {"Element", "ParseError", "TreeBuilder"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(BASE.rglob("*.py")):
        inside = path.relative_to(BASE)
        if not NOT_SERVED & set(inside.parts):
            yield str(inside), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Each module that is imported, with the names taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {alias.name for alias in node.names}
            yield node.module, names
            yield from ((f"{node.module}.{name}", set()) for name in sorted(names))


def connects(module: str) -> bool:
    return any(module == known or module.startswith(f"{known}.") for known in CONNECTING)


def test_every_place_that_opens_a_connection_is_known():
    found = {
        path for path, tree in sources() if any(connects(module) for module, _ in imported(tree))
    }
    assert found - PLACES.keys() == set(), "Say where it connects to, and who names that address."
    assert PLACES.keys() - found == set(), "These no longer connect anywhere."


def test_asyncio_opens_connections_nowhere_but_in_the_channels():
    calls = {
        path
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"open_connection", "create_connection", "open_unix_connection"}
    }
    assert calls == set()


def test_xml_is_read_by_defusedxml_alone():
    undefended = []
    for path, tree in sources():
        for module, names in imported(tree):
            if module.split(".")[0] == "lxml":
                undefended.append(f"{path}: {module}")
            is_plain = module == "xml" or module.startswith("xml.")
            is_name = module.rpartition(".")[2] in HARMLESS_XML
            if is_plain and not is_name and not (names and names <= HARMLESS_XML):
                undefended.append(f"{path}: {module}")
    assert undefended == []


def test_the_reader_of_spreadsheets_is_defended_too():
    """openpyxl reads with defusedxml where that is installed and nothing says otherwise."""
    assert openpyxl.xml.DEFUSEDXML is True
    assert openpyxl.xml.LXML is False
