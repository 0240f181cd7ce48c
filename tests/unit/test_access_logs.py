"""No web server of ours writes which path was asked for: in paths stand the tokens of links."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from gunicorn.config import Config

BASE = Path(settings.BASE_DIR)


def _config_of(arguments: list[str]) -> Config:
    """The settings that gunicorn makes of a command line."""
    config = Config()
    parsed = config.parser().parse_args(arguments)
    for name, value in vars(parsed).items():
        if value is not None and name != "args":
            config.set(name.lower(), value)
    return config


def _commands() -> dict[str, list[str]]:
    services: dict[str, Any] = yaml.safe_load((BASE / "docker-compose.yml").read_text())["services"]
    found = {
        f"docker-compose.yml, {name}": one["command"]
        for name, one in services.items()
        if "gunicorn" in (one.get("command") or [])
    }
    line = next(
        line
        for line in (BASE / "Dockerfile").read_text().splitlines()
        if line.startswith("CMD") and "gunicorn" in line
    )
    found["Dockerfile"] = yaml.safe_load(line.removeprefix("CMD"))
    return found


@pytest.mark.parametrize("place", sorted(_commands()))
def test_the_access_log_is_off(place):
    command = _commands()[place]
    assert _config_of(command[command.index("gunicorn") + 1 :]).accesslog is None


def test_the_demo_asks_for_none():
    source = (BASE / "micic_portal" / "demo" / "processes.py").read_text()
    assert "gunicorn" in source
    assert "--access-logfile" not in source


def test_no_variable_turns_it_on_unseen():
    for name in ("Dockerfile", "docker-compose.yml"):
        assert "GUNICORN_CMD_ARGS" not in (BASE / name).read_text()


def test_a_command_line_with_one_would_be_found():
    asked = shlex.split("micic_portal.wsgi --access-logfile -")
    assert _config_of(asked).accesslog == "-"
