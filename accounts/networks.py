"""Where a request comes from, by the setting TRUSTED_PROXIES."""

from __future__ import annotations

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's address. Raises PermissionDenied when there is none."""
    address: str = get_adapter(request).get_client_ip(request)
    return address


def network_of(address: str) -> str:
    """The network of a client's address: a house's or an embassy's, not one person's."""
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(client, ipaddress.IPv6Address):
        if client.ipv4_mapped is None:
            return str(ipaddress.ip_network((client, 56), strict=False))
        client = client.ipv4_mapped
    return str(ipaddress.ip_network((client, 24), strict=False))
