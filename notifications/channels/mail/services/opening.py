"""Opens anymail's backend of a provider, and says what an operator has to mend before that works.

Raises django's ImproperlyConfigured for what anymail cannot use.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from anymail.backends.base import AnymailBaseBackend
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.channels.http import CONNECT_SECONDS, TOTAL_SECONDS
from notifications.channels.mail.addresses import sender_problems
from notifications.channels.mail.services.catalogue import BASIC, SERVICES, service_of
from notifications.providers import Provider

# Ours, and not the backend's.
_OURS = frozenset({"name", "shape", "backend", "sender", "per_second", BASIC})
_WORDS = {"true": True, "false": False}
# Amazon's library takes these by its own ways.
_CLIENT = frozenset(
    {
        "region_name",
        "endpoint_url",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    }
)


def options_for_anymail(provider: Provider) -> dict[str, Any]:
    options: dict[str, Any] = {
        name: _WORDS.get(value.lower(), value)
        for name, value in provider.options.items()
        if name not in _OURS and value
    }
    client = {name: options.pop(name) for name in _CLIENT & options.keys()}
    if provider.option("backend") == "amazon_ses":
        # Its library would try again by itself what may have been sent.
        config = {
            "connect_timeout": CONNECT_SECONDS,
            "read_timeout": TOTAL_SECONDS,
            "retries": {"total_max_attempts": 1},
        }
        options["client_params"] = {**client, "config": config}
    return options


def open_backend(provider: Provider) -> AnymailBaseBackend:
    if service_of(provider) is None:
        raise ImproperlyConfigured("There is no such mail service.")
    module = import_module(f"anymail.backends.{provider.option('backend')}")
    backend: AnymailBaseBackend = module.EmailBackend(
        **{
            **options_for_anymail(provider),
            "timeout": (CONNECT_SECONDS, TOTAL_SECONDS),
            # It would print mails; what it leaves out for a service is told in docs.
            "debug_api_requests": False,
            "ignore_unsupported_features": True,
            # The recipient's fate is read from the answer, not from an exception.
            "ignore_recipient_status": True,
            "send_defaults": {},
        }
    )
    return backend


def service_problems(provider: Provider) -> list[str]:
    prefix, backend = f"MAIL_{provider.name.upper()}", provider.option("backend")
    service = service_of(provider)
    if service is None:
        return [f"{prefix}_BACKEND must be one of {', '.join(sorted(SERVICES))}."]
    problems = [
        f"{prefix}_{name.upper()} is not set."
        for name in service.needs
        if not provider.option(name)
    ]
    if service.package and find_spec(service.package) is None:
        problems.append(f"{backend} needs the Python package {service.package}.")
    if (
        service.signing_package
        and provider.option(service.receipts)
        and find_spec(service.signing_package) is None
    ):
        problems.append(
            f"{prefix}_{service.receipts.upper()} needs the Python package "
            f"{service.signing_package}; or set {prefix}_{BASIC.upper()} instead."
        )
    secret = provider.option(BASIC)
    if secret and not all(secret.partition(":")):
        problems.append(
            f"{prefix}_{BASIC.upper()} must be a user and a password, as user:password."
        )
    address = provider.option("api_url", "https://")
    allowed = ("https://",) if settings.PORTAL_MODE == "production" else ("https://", "http://")
    if not address.startswith(allowed):
        problems.append(f"{prefix}_API_URL must begin with https://.")
    return problems + sender_problems(provider) or _refused_options(provider)


def _refused_options(provider: Provider) -> list[str]:
    """What anymail itself finds wrong, without its words: they may hold a secret."""
    try:
        open_backend(provider)
    except Exception as error:
        return [f"anymail cannot use MAIL_{provider.name.upper()}: {type(error).__name__}."]
    return []
