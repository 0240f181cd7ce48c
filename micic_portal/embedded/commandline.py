"""Decides, before Django starts, whether a command line needs the embedded servers."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from micic_portal.embedded.folders import EmbeddedServerError
from micic_portal.embedded.provide import provide

# Commands that read and write files of the project only.
_WITHOUT_SERVERS = {
    "check_translations",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "spectacular",
    "version",
}
_DEMO_COMMANDS = {"demo", "rehearse"}


def needs_servers(arguments: list[str]) -> bool:
    """Whether manage.py with these arguments (its own name first) talks to a server."""
    command, options = (arguments[1] if len(arguments) > 1 else "help"), arguments[2:]
    if command.startswith("-") or {"--help", "-h"} & set(options):
        return False
    if command == "check":
        return any(option.startswith("--database") for option in options)
    return command not in _WITHOUT_SERVERS


def prepare_environment(arguments: list[str], project: Path) -> None:
    """Provide servers to a command that needs them. A production portal names its own."""
    if len(arguments) > 1 and arguments[1] in _DEMO_COMMANDS:
        os.environ.setdefault("PORTAL_MODE", "demo")
    if os.environ.get("PORTAL_MODE", "production") == "production" or not needs_servers(arguments):
        return
    try:
        provide(Path(os.environ.get("VAR_DIR") or project / "var"))
    except EmbeddedServerError as error:
        sys.exit(f"error: {error}")
