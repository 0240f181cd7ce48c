"""Which mail server a provider is, and what an operator has to mend before it can be used.

Without an option `host` it is the one of EMAIL_*; each option replaces one of those. With a host
of its own it takes no password from there: that one is another server's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from django.conf import settings

from notifications.channels.mail.addresses import sender_of, sender_problems
from notifications.providers import Provider

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})


@dataclass(slots=True, frozen=True)
class Server:
    """Its repr shows neither user nor password."""

    host: str
    port: int
    user: str = field(repr=False)
    password: str = field(repr=False)
    use_tls: bool
    use_ssl: bool
    sender: str

    @property
    def our_name(self) -> str:
        """What we call ourselves when we greet it."""
        return self.sender.rpartition("@")[2] or "localhost"


def server_of(provider: Provider) -> Server:
    """Raises nothing for an option that means nothing: server_problems says so."""
    is_own = bool(provider.option("host"))
    use_ssl = _flag(provider, "use_ssl", default=not is_own and settings.EMAIL_USE_SSL)
    port = provider.option("port", str((465 if use_ssl else 25) if is_own else settings.EMAIL_PORT))
    return Server(
        host=provider.option("host", settings.EMAIL_HOST),
        port=int(port) if port.isascii() and port.isdigit() else 0,
        user=provider.option("user", "" if is_own else settings.EMAIL_HOST_USER),
        password=provider.option("password", "" if is_own else settings.EMAIL_HOST_PASSWORD),
        use_tls=_flag(provider, "use_tls", default=settings.EMAIL_USE_TLS and not use_ssl),
        use_ssl=use_ssl,
        sender=sender_of(provider).address,
    )


def _flag(provider: Provider, name: str, *, default: bool) -> bool:
    word = provider.option(name).lower()
    return word in _YES if word in _YES | _NO else default


def server_problems(provider: Provider) -> list[str]:
    server, prefix = server_of(provider), f"MAIL_{provider.name.upper()}"
    problems = []
    if not server.host:
        problems.append(f"Neither EMAIL_HOST nor {prefix}_HOST is set.")
    if not 0 < server.port < 65_536:
        problems.append(f"{prefix}_PORT is no port.")
    for name in ("use_tls", "use_ssl"):
        if provider.option(name).lower() not in {"", *_YES, *_NO}:
            problems.append(f"{prefix}_{name.upper()} must be true or false.")
    if server.use_tls and server.use_ssl:
        problems.append(f"Set {prefix}_USE_TLS or {prefix}_USE_SSL, not both.")
    if server.user and not server.password:
        problems.append(f"{prefix}_PASSWORD is not set, and a user is.")
    if _is_open(server) and settings.PORTAL_MODE == "production":
        problems.append(
            f"Mails would cross the network unencrypted: set {prefix}_USE_TLS or {prefix}_USE_SSL."
        )
    return problems + sender_problems(provider)


def _is_open(server: Server) -> bool:
    """Whether others could read what we send: not so on the way to this very machine."""
    return not (server.use_tls or server.use_ssl or _is_here(server.host))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
