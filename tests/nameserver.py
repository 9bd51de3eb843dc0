"""A name server of a few records."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], tuple[str, ...]]
"""Records as zone files write them, by name and type."""
TTL = 120


class NameServer(asyncio.DatagramProtocol):
    """Answers by UDP."""

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See DatagramProtocol."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """See DatagramProtocol."""
        asked = dns.message.from_wire(data)
        (question,) = asked.question
        key = question.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append(key)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.AA
        records = self.zone.get(key)
        if records:
            answer.answer.append(dns.rrset.from_text(question.name, TTL, "IN", key[1], *records))
        elif not any(name == key[0] for name, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), address)


@contextlib.asynccontextmanager
async def nameserver(zone: Zone) -> AsyncIterator[tuple[NameServer, str]]:
    """A running one, and its ``address:port``."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: NameServer(zone), local_addr=("127.0.0.1", 0))
    try:
        yield server, f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
    finally:
        transport.close()
