"""Holds docker-compose.yml, the image and docs/deployment.md against the settings."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from micic_portal.provider_settings import providers_from
from notifications.channels.installed import channel_names

PROJECT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PORTAL = [name for name, service in SERVICES.items() if service.get("image") == "micic-portal"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()


def variables_read() -> tuple[set[str], set[str]]:
    """The variables that the settings read: plain ones, and those that a file may hold."""
    source = "".join(
        (PROJECT / "micic_portal" / name).read_text(encoding="utf-8")
        for name in ("settings.py", "allowances.py")
    )
    plain = set(re.findall(r'\benv(?:_flag|_int|_list)?\(\s*f?"([A-Z_]+)"', source))
    secret = set(re.findall(r'\benv_secret\(\s*"([A-Z_]+)"', source))
    return plain, secret


def describes_a_provider(variable: str) -> bool:
    """Whether it is an option of who carries a channel's messages, or names them."""
    read = providers_from({variable: __file__}, channel_names())
    bare = providers_from({}, channel_names())
    return read != bare


def test_the_portal_runs_as_web_worker_scheduler_and_migration():
    assert PORTAL == ["web", "worker", "scheduler", "migrate"]


@pytest.mark.parametrize("name", PORTAL)
def test_every_variable_that_is_set_is_read(name: str):
    plain, secret = variables_read()
    for variable in SERVICES[name]["environment"]:
        known = variable in plain | secret or variable.removesuffix("_FILE") in secret
        assert known or describes_a_provider(variable), variable


@pytest.mark.parametrize("name", PORTAL)
def test_secrets_come_from_mounted_files_alone(name: str):
    service = SERVICES[name]
    _, secret = variables_read()
    for variable, value in service["environment"].items():
        if variable.endswith("_FILE"):
            assert Path(value).parent == Path("/run/secrets")
            assert Path(value).name in service["secrets"]
        else:
            assert variable not in secret - {"REDIS_URL"}, f"{variable} stands in the file"


def test_every_secret_has_a_file_that_the_script_makes():
    script = (PROJECT / "docker" / "make-secrets.sh").read_text()
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == COMPOSE["secrets"].keys()
    for name, place in COMPOSE["secrets"].items():
        assert place == {"file": f"./secrets/{name}"}
        assert name in script
    assert "/secrets/" in (PROJECT / ".gitignore").read_text().split()
    assert "secrets" in (PROJECT / ".dockerignore").read_text().split()


def assert_command_exists(command: list[str]) -> None:
    program, *arguments = command
    if program == "gunicorn":
        import_module("gunicorn.app.wsgiapp")
        assert import_module(arguments[0]).application
    elif program == "celery":
        assert arguments[0] == "-A"
        assert import_module(f"{arguments[1]}.celery").app
        import_module(f"celery.bin.{arguments[2]}")
    elif program == "python" and arguments[0] == "manage.py":
        assert arguments[1] in get_commands()
    else:
        assert program == "python"
        assert (PROJECT / arguments[0]).is_file()


@pytest.mark.parametrize("name", PORTAL)
def test_every_command_that_is_run_exists(name: str):
    assert_command_exists(SERVICES[name]["command"])
    check = SERVICES[name]["healthcheck"]
    if not check.get("disable"):
        assert check["test"][0] == "CMD"
        assert_command_exists(check["test"][1:])


@pytest.mark.parametrize("name", [*PORTAL, "postgres", "redis"])
def test_every_service_has_a_health_check_and_waits_for_what_it_needs(name: str):
    assert "healthcheck" in SERVICES[name]
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        checked = not SERVICES[other]["healthcheck"].get("disable")
        assert wanted["condition"] == (
            "service_healthy" if checked else "service_completed_successfully"
        )


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_the_servers_are_reached_from_inside_only(name: str):
    assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "ports" not in SERVICES[name]
    assert ":" in SERVICES[name]["image"]


def test_the_database_has_two_roles():
    script = (PROJECT / "docker" / "postgres-init.sh").read_text()
    assert "CREATE DATABASE micic OWNER micic_owner" in script
    assert "DATABASE_OWNER_URL_FILE" in SERVICES["migrate"]["environment"]
    for name in ("web", "worker", "scheduler"):
        assert "DATABASE_OWNER_URL_FILE" not in SERVICES[name]["environment"]


def test_the_image_runs_as_an_ordinary_user_and_holds_no_secret():
    final = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER portal$", final, re.MULTILINE)
    assert not re.search(r"(SECRET|KEY|PASSWORD|TOKEN)\w*=", DOCKERFILE)
    healthcheck = re.search(r"HEALTHCHECK .*\\\n\s+CMD (\[.*\])", final)
    assert healthcheck is not None
    assert_command_exists(yaml.safe_load(healthcheck[1]))
    command = re.search(r"^CMD (\[.*\])$", final, re.MULTILINE)
    assert command is not None
    assert yaml.safe_load(command[1]) == SERVICES["web"]["command"]


def test_every_variable_is_documented():
    described = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    plain, secret = variables_read()
    missing = {name for name in plain | secret if f"`{name.rstrip('_')}" not in described}
    assert missing == set()
