"""Which addresses belong to the operator's own network, and keeping requests to customers out of it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


class PublicResolver(AbstractResolver):
    """Finds public addresses only.

    The address that was checked is the one that is connected to, so a name that resolves differently the next time gains nothing.
    """

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """All addresses of a host. Raises OSError unless all of them are public."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(each["host"]) for each in found):
            raise OSError(f"{host} is not a public address")
        return found

    async def close(self) -> None:
        """See AbstractResolver."""
        await self._inner.close()


async def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host, best first. Raises socket.gaierror."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether the whole Internet can reach an address: not loopback, private, link-local, multicast, or IPv6 for one of these."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    return ip.is_global and not ip.is_multicast and (mapped is None or mapped.is_global)


def is_private_literal(host: str) -> bool:
    """Whether a host is an address, and not a public one."""
    try:
        return not is_public(host.strip("[]"))
    except ValueError:
        return False
