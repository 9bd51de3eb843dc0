"""Where a name leads: NAPTR, SRV, A and AAAA records (RFC 3263), asked beside the calls and within bounds."""

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

from sip.addresses import Version, bracketed, version_of
from sip.uri import Uri, is_encrypted, parse_uri, split_source
from voice.routing.lottery import LEAST_WEIGHT

LIFETIME_SECONDS = 5.0
"""Of one question, all tries included."""
SOONEST, LATEST, UNKNOWN_AGAIN = 30.0, 3600.0, 60.0
"""Seconds after which a name is asked for again: between the first two by its records, the last when it has none."""
MOST_SERVERS, MOST_ADDRESSES = 16, 4
"""Of a service, and of a server; further ones are left out."""
SIP_PORT, TLS_PORT, DNS_PORT = 5060, 5061, 53
SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
"""What NAPTR calls the transports."""
PREFIXES = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
"""What SRV does."""
PLAIN = ("udp", "tcp")


@dataclass(frozen=True, slots=True)
class Place:
    """One address that a name leads to."""

    hop: str
    """``sip:address:port;transport=...``."""
    priority: int = 0
    """The lowest is tried first."""
    share: float = 1.0
    """How often it is the first among those of its priority."""
    name: str = ""
    """Whose certificate it has to show; empty without TLS."""

    @property
    def route(self) -> str:
        """The same as a proxy that no message names, for ``sip.endpoint.Invitation``."""
        return f"{self.hop.replace('sip:', f'sip:{self.name}@', 1) if self.name else self.hop};lr;hide"


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    transport: str
    priority: int = 0
    weight: float = 1.0


class Resolver:
    """Asks the name servers given as ``address[:port]``, or those of the system, for addresses of the families we speak.

    ``proves_names`` is whether a server that is found so proves the name that was looked up; names behind TLS are left alone
    otherwise.
    """

    def __init__(self, nameservers: Iterable[str] = (), versions: Iterable[Version] = (4,), *, proves_names: bool = True) -> None:
        self._versions, self._proves_names = tuple(versions), proves_names
        given = [split_source(each) for each in nameservers]
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not given)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.asyncresolver.Resolver(configure=False)
        if given:
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port or DNS_PORT) for host, port in given]

    async def places(self, written: str) -> tuple[tuple[Place, ...], float]:
        """Where a URI leads, and for how many seconds that holds; no place for an address, and for a name that nobody knows.

        IPv6 is tried after IPv4 of the same server.
        """
        uri = parse_uri(written)
        if uri is None or uri.address is not None or (is_encrypted(written) and not self._proves_names):
            return (), LATEST
        servers, seconds = await self._servers(uri)
        found: list[Place] = []
        for server in servers[:MOST_SERVERS]:
            addresses, lasts = await self._addresses(server.host)
            seconds = min(seconds, lasts)
            peers = sum(each.weight for each in servers if each.priority == server.priority)
            name = uri.host if server.transport == "tls" else ""
            for address in addresses:
                hop = f"sip:{bracketed(address)}:{server.port};transport={server.transport}"
                equals = [each for each in addresses if version_of(each) == version_of(address)]
                rank = 2 * server.priority + (version_of(address) > version_of(addresses[0]))
                found.append(Place(hop, rank, server.weight / peers / len(equals), name))
        return tuple(found), min(max(seconds, SOONEST), LATEST) if found else UNKNOWN_AGAIN

    async def _servers(self, uri: Uri) -> tuple[list[_Server], float]:
        wanted = "tls" if is_encrypted(str(uri)) else (uri.parameter("transport") or "").lower()
        port = uri.port or (TLS_PORT if wanted == "tls" else SIP_PORT)
        plain = _Server(uri.host, port, wanted or PLAIN[0])
        if uri.port or wanted not in ("", *PREFIXES) or _is_here(uri.host):
            return [plain], LATEST
        names, seconds = await self._services(uri.host, (wanted,) if wanted else PLAIN)
        for name in names:
            servers, lasts = await self._service(name)
            if servers:
                return servers, min(seconds, lasts)
        return [plain], seconds

    async def _services(self, host: str, transports: tuple[str, ...]) -> tuple[list[str], float]:
        """The names of its SRV records, the preferred transport first."""
        records, seconds = await self._ask(host, "NAPTR")
        known = [
            record
            for record in records
            if SERVICES.get(record.service.decode(errors="replace").upper()) in transports and record.flags.lower() == b"s"
        ]
        known.sort(key=lambda record: (record.order, record.preference))
        if known:
            return [record.replacement.to_text(omit_final_dot=True) for record in known[:MOST_SERVERS]], seconds
        return [f"{PREFIXES[transport]}.{host}" for transport in transports], LATEST

    async def _service(self, name: str) -> tuple[list[_Server], float]:
        records, seconds = await self._ask(name, "SRV")
        transport = next((each for each, prefix in PREFIXES.items() if name.lower().startswith(f"{prefix}.")), "udp")
        servers = [
            _Server(
                record.target.to_text(omit_final_dot=True), record.port, transport, record.priority, record.weight or LEAST_WEIGHT
            )
            for record in records
            if record.target != dns.name.root
        ]
        return sorted(servers, key=lambda server: server.priority)[:MOST_SERVERS], seconds

    async def _addresses(self, host: str) -> tuple[list[str], float]:
        if _is_here(host):
            return ["127.0.0.1" if version == 4 else "::1" for version in self._versions], LATEST
        addresses, seconds = [], LATEST
        for version in self._versions:
            records, lasts = await self._ask(host, "A" if version == 4 else "AAAA")
            if records:
                addresses += [record.address for record in records[:MOST_ADDRESSES]]
                seconds = min(seconds, lasts)
        return (addresses, seconds) if addresses else (await self._local(host), UNKNOWN_AGAIN)

    async def _local(self, host: str) -> list[str]:
        """What only /etc/hosts knows."""
        family = socket.AF_UNSPEC if len(self._versions) > 1 else socket.AF_INET6 if 6 in self._versions else socket.AF_INET
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, family=family, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return []
        return sorted(dict.fromkeys(str(address[0]) for *_, address in found), key=version_of)[:MOST_ADDRESSES]

    async def _ask(self, name: str, kind: str) -> tuple[list[Any], float]:
        try:
            answer = await self._resolver.resolve(
                f"{name}.", kind, lifetime=LIFETIME_SECONDS, raise_on_no_answer=False, search=False
            )
        except (dns.exception.DNSException, OSError, ValueError):
            return [], LATEST
        rrset = answer.rrset
        return (list(rrset), float(rrset.ttl)) if rrset is not None else ([], LATEST)


def _is_here(host: str) -> bool:
    """Whether a name is this machine's own, of which no name server is asked (RFC 6761 section 6.3)."""
    return host == "localhost" or host.endswith(".localhost")
