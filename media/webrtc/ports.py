"""The UDP ports that a firewall lets through to us."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeVar

_Protocol = TypeVar("_Protocol", bound=asyncio.DatagramProtocol)


class Ports:
    """A range of ports, both ends included; the one that has rested for longest is taken first. ``(0, 0)``: any port.

    Belongs to one event loop.
    """

    def __init__(self, first: int, last: int) -> None:
        self._ports = deque(range(first, last + 1))

    async def bind(self, address: str, make: Callable[[], _Protocol]) -> tuple[asyncio.DatagramTransport, _Protocol] | None:
        """A socket on an address, or None when all ports are taken or the address is not ours."""
        loop = asyncio.get_running_loop()
        for _ in range(len(self._ports)):
            port = self._ports[0]
            self._ports.rotate(-1)
            try:
                return await loop.create_datagram_endpoint(make, local_addr=(address, port))
            except OSError:
                continue
        return None
