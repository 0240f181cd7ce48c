"""Production settings refuse what is unsafe, and say which variable to set."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from micic_portal.environment import (
    database_from_url,
    demo_key,
    redis_cache_url,
    redis_celery_url,
)
from tests.servers import redis_database

PROJECT = Path(__file__).resolve().parents[2]


def production_environment() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {
        "PATH": os.environ["PATH"],
        "PORTAL_MODE": "production",
        "SECRET_KEY": key(),
        "FIELD_KEYS": f"1:{key()}",
        "BLIND_INDEX_KEY": key(),
        "LINK_KEY": key(),
        "ALLOWED_HOSTS": "portal.example",
        "PORTAL_URL": "https://portal.example",
        "DPO_CONTACT": "privacy@portal.example",
        "STATE_NAME": "Ministry of Foreign Affairs",
        "DATABASE_URL": "postgres://serving@db/micic",
        "REDIS_URL": "redis://broker/0",
    }


def read_settings(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "import micic_portal.settings"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_every_secret_set():
    done = read_settings(production_environment())
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "FIELD_KEYS",
        "BLIND_INDEX_KEY",
        "LINK_KEY",
        "ALLOWED_HOSTS",
        "PORTAL_URL",
        "DPO_CONTACT",
        "STATE_NAME",
        "DATABASE_URL",
        "REDIS_URL",
    ],
)
def test_production_names_the_missing_variable(name: str):
    environment = production_environment()
    del environment[name]
    done = read_settings(environment)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert name in last


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "LINK_KEY"])
def test_production_refuses_the_demo_keys(name: str):
    prefix = "1:" if name == "FIELD_KEYS" else ""
    done = read_settings({**production_environment(), name: prefix + demo_key(name)})
    assert done.returncode != 0
    assert f"{name} is the demo's key" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEBUG", "true", "unset the variable DEBUG"),
        ("DEBUG", "perhaps", "DEBUG is 'perhaps'"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES is 'one'"),
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters"),
        ("PORTAL_MODE", "staging", "PORTAL_MODE is 'staging'"),
        ("PORTAL_URL", "http://portal.example", "PORTAL_URL"),
        ("SECRET_KEY_FILE", "/nowhere/secret", "SECRET_KEY_FILE names /nowhere/secret"),
        ("DATABASE_URL", "mysql://db/micic", "must begin with postgres://"),
    ],
)
def test_production_refuses_a_wrong_value(name: str, value: str, said: str):
    done = read_settings({**production_environment(), name: value})
    assert done.returncode != 0
    assert said in done.stderr.strip().splitlines()[-1]


def test_a_secret_may_come_from_a_file(tmp_path: Path):
    environment = production_environment()
    secret = tmp_path / "secret_key"
    secret.write_text(environment.pop("SECRET_KEY") + "\n")
    done = read_settings({**environment, "SECRET_KEY_FILE": str(secret)})
    assert done.returncode == 0, done.stderr


def test_no_secret_is_printed_when_settings_are_refused():
    environment = production_environment()
    done = read_settings({**environment, "DEBUG": "true"})
    assert environment["SECRET_KEY"] not in done.stderr


def test_a_database_url_may_name_a_socket_folder():
    read = database_from_url("postgres://role@/name?host=%2Fa%20folder%2Frun&port=5433")
    assert (read["HOST"], read["PORT"], read["NAME"], read["USER"]) == (
        "/a folder/run",
        "5433",
        "name",
        "role",
    )


def test_broker_urls_are_translated_between_their_two_forms():
    celery = "redis+socket:///run/broker.sock?virtual_host=3"
    cache = "unix:///run/broker.sock?db=3"
    assert redis_cache_url(celery) == cache
    assert redis_celery_url(cache) == celery
    assert redis_cache_url("redis://broker:6379/3") == "redis://broker:6379/3"


@pytest.mark.parametrize(
    ("url", "moved"),
    [
        ("redis://127.0.0.1:6379/4", "redis://127.0.0.1:6379/6"),
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/2"),
        ("redis+socket:///b.sock?virtual_host=0", "redis+socket:///b.sock?virtual_host=2"),
        ("unix:///b.sock?db=1", "unix:///b.sock?db=3"),
    ],
)
def test_each_worker_of_a_parallel_test_run_has_a_redis_database(url: str, moved: str):
    assert redis_database(url, 2) == moved


@pytest.mark.parametrize("days", ["1", "549", "a month", "-30", "²"])
def test_stays_are_kept_for_two_days_to_eighteen_months(days):
    done = read_settings(production_environment() | {"STAY_RETENTION_DAYS": days})
    assert done.returncode != 0
    assert "STAY_RETENTION_DAYS" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_only_a_trusted_proxy_says_that_the_line_is_encrypted(proxies):
    """Without one, any caller could send the header that says so."""
    program = (
        "from micic_portal import settings;"
        "print(getattr(settings, 'SECURE_PROXY_SSL_HEADER', None) is not None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**production_environment(), "TRUSTED_PROXIES": proxies},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(proxies == "1")
