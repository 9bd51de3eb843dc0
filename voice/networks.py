"""Keeping requests to customers out of the operator's own network where the settings ask for that."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import httpx


class PublicTransport(httpx.AsyncBaseTransport):
    """Connects to public addresses only.

    The address that was checked is the one that is connected to, so a name that resolves differently the next time gains nothing.
    No connection is kept: two names on one address must not share one.
    """

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolve, check and connect. Raises httpx.ConnectError for anything not public."""
        host = request.url.host
        address = await _public_address(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        extensions = {**request.extensions, "sni_hostname": host}
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions=extensions,
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


async def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host, best first. Raises socket.gaierror."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _public_address(host: str, port: int) -> str:
    try:
        addresses = await addresses_of(host, port)
    except socket.gaierror as error:
        raise httpx.ConnectError(str(error)) from error
    if not addresses or not all(is_public(address) for address in addresses):
        raise httpx.ConnectError(f"{host} is not a public address")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether the whole Internet can reach an address: not loopback, private, link-local, multicast, or IPv6 for one of these."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)
