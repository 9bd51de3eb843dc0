"""Where a carrier's name leads: NAPTR, SRV and A records (RFC 3263), asked beside the calls and within bounds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from sip.uri import Uri, is_encrypted, parse_uri, split_source
from voice.routing.lottery import LEAST_WEIGHT

LIFETIME_SECONDS = 5.0
"""Of one question, all tries included."""
SOONEST, LATEST, UNKNOWN_AGAIN = 30.0, 3600.0, 60.0
"""Seconds after which a name is asked for again: between the first two by its records, the last when it has none."""
MOST_SERVERS, MOST_ADDRESSES = 16, 4
"""Of a service, and of a server; further ones are left out."""
SIP_PORT, DNS_PORT = 5060, 53
SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp"}
"""What NAPTR calls the transports."""
TRANSPORTS = ("udp", "tcp")


@dataclass(frozen=True, slots=True)
class Place:
    """One address that a name leads to."""

    hop: str
    """``sip:address:port;transport=...``."""
    priority: int = 0
    """The lowest is tried first."""
    share: float = 1.0
    """How often it is the first among those of its priority."""


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    transport: str
    priority: int = 0
    weight: float = 1.0


class Resolver:
    """Asks the name servers given as ``address[:port]``, or those of the system."""

    def __init__(self, nameservers: Iterable[str] = ()) -> None:
        given = [split_source(each) for each in nameservers]
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not given)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.asyncresolver.Resolver(configure=False)
        if given:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port or DNS_PORT) for host, port in given]

    async def places(self, written: str) -> tuple[tuple[Place, ...], float]:
        """Where a URI leads, and for how many seconds that holds; no place for what has to be reached as it is written.

        That is an address, a name that nobody knows, and whoever has to prove by a certificate that the name is his.
        """
        uri = parse_uri(written)
        if uri is None or uri.address is not None or is_encrypted(written):
            return (), LATEST
        servers, seconds = await self._servers(uri)
        found: list[Place] = []
        for server in servers[:MOST_SERVERS]:
            addresses, lasts = await self._addresses(server.host)
            seconds = min(seconds, lasts)
            peers = sum(each.weight for each in servers if each.priority == server.priority)
            for address in addresses:
                hop = f"sip:{address}:{server.port};transport={server.transport}"
                found.append(Place(hop, server.priority, server.weight / peers / len(addresses)))
        return tuple(found), min(max(seconds, SOONEST), LATEST) if found else UNKNOWN_AGAIN

    async def _servers(self, uri: Uri) -> tuple[list[_Server], float]:
        wanted = (uri.parameter("transport") or "").lower()
        plain = _Server(uri.host, uri.port or SIP_PORT, wanted or TRANSPORTS[0])
        if uri.port:
            return [plain], LATEST
        names, seconds = (([f"_sip._{wanted}.{uri.host}"], LATEST)) if wanted else await self._services(uri.host)
        for name in names:
            servers, lasts = await self._service(name)
            if servers:
                return servers, min(seconds, lasts)
        return [plain], seconds

    async def _services(self, host: str) -> tuple[list[str], float]:
        """The names of its SRV records, the preferred transport first."""
        records, seconds = await self._ask(host, "NAPTR")
        known = [record for record in records if record.service.decode().upper() in SERVICES and record.flags.lower() == b"s"]
        known.sort(key=lambda record: (record.order, record.preference))
        if known:
            return [record.replacement.to_text(omit_final_dot=True) for record in known[:MOST_SERVERS]], seconds
        return [f"_sip._{transport}.{host}" for transport in TRANSPORTS], LATEST

    async def _service(self, name: str) -> tuple[list[_Server], float]:
        records, seconds = await self._ask(name, "SRV")
        transport = "tcp" if "._tcp." in name.lower() else "udp"
        servers = [
            _Server(
                record.target.to_text(omit_final_dot=True), record.port, transport, record.priority, record.weight or LEAST_WEIGHT
            )
            for record in records
            if record.target != dns.name.root
        ]
        return sorted(servers, key=lambda server: server.priority)[:MOST_SERVERS], seconds

    async def _addresses(self, host: str) -> tuple[list[str], float]:
        records, seconds = await self._ask(host, "A")
        if records:
            return [record.address for record in records[:MOST_ADDRESSES]], seconds
        loop = asyncio.get_running_loop()
        try:  # what only /etc/hosts knows
            found = await loop.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return [], UNKNOWN_AGAIN
        return list(dict.fromkeys(str(address[0]) for *_, address in found))[:MOST_ADDRESSES], UNKNOWN_AGAIN

    async def _ask(self, name: str, kind: str) -> tuple[list[Any], float]:
        try:
            answer = await self._resolver.resolve(
                f"{name}.", kind, lifetime=LIFETIME_SECONDS, raise_on_no_answer=False, search=False
            )
        except (dns.exception.DNSException, OSError, ValueError):
            return [], LATEST
        rrset = answer.rrset
        return (list(rrset), float(rrset.ttl)) if rrset is not None else ([], LATEST)
