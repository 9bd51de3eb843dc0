"""SIP URIs as they stand on the wire (RFC 3261 section 19.1). Pure, and total: what is no URI is None."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URI = 512
"""Characters."""

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"]+)@)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^;?\s<>\"]+)*)(?:\?(?P<headers>[^\s<>\"]*))?",
    re.IGNORECASE,
)
_DECISIVE = ("user", "ttl", "method", "maddr", "transport")
"""Parameters that make two URIs different when only one has them (RFC 3261 section 19.1.4)."""
_PRIVATE_4 = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "0.0.0.0/8")
"""RFC 1918, RFC 6598 (behind the NAT of a carrier), RFC 3927 and RFC 1122."""
_PRIVATE_6 = ("fc00::/7", "fe80::/10", "::/127")
"""RFC 4193 and RFC 4291."""
_PRIVATE = tuple(map(ipaddress.ip_network, (*_PRIVATE_4, *_PRIVATE_6)))


@dataclass(frozen=True, slots=True)
class Uri:
    """A SIP or SIPS URI; its text is ``str(uri)``."""

    scheme: str
    user: str
    """As written, with its escapes; a password is part of it."""
    host: str
    """Lower case; an IPv6 address keeps its brackets."""
    port: int = 0
    """0: none is written."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Names in lower case."""
    headers: str = ""

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        parameters = "".join(f";{name}={value}" if value else f";{name}" for name, value in self.parameters)
        return f"{self.scheme}:{user}{self.host}{port}{parameters}{'?' + self.headers if self.headers else ''}"

    @property
    def name(self) -> str:
        """The user without escapes."""
        return unquote(self.user)

    @property
    def address(self) -> IpAddress | None:
        """The host, when it is an address."""
        return read_address(self.host)

    def parameter(self, name: str) -> str | None:
        """The value of a parameter: empty when it has none, None when it is not there."""
        return dict(self.parameters).get(name)

    def with_parameter(self, name: str, value: str) -> Uri:
        """The same URI with one more parameter, or another value of it."""
        others = tuple(pair for pair in self.parameters if pair[0] != name)
        return replace(self, parameters=(*others, (name, value)))

    def matches(self, other: Uri) -> bool:
        """Whether both name the same resource (RFC 3261 section 19.1.4)."""
        if (self.scheme, self.name, self.host, self.port) != (other.scheme, other.name, other.host, other.port):
            return False
        mine, theirs = dict(self.parameters), dict(other.parameters)
        for name in (*_DECISIVE, *(mine.keys() & theirs.keys())):
            if (mine.get(name) or "").lower() != (theirs.get(name) or "").lower() or (name in mine) != (name in theirs):
                return False
        return self.headers == other.headers


def parse_uri(text: str) -> Uri | None:
    """Read a SIP URI that stands alone; None for anything else, also one that is absurdly long."""
    found = _URI.fullmatch(text) if len(text) <= LONGEST_URI and text.isprintable() else None
    if found is None:
        return None
    port = int(found["port"] or 0)
    if port > 65_535:
        return None
    pairs = (each.partition("=") for each in found["parameters"].split(";")[1:])
    parameters = tuple((name.lower(), value) for name, _, value in pairs)
    return Uri(found["scheme"].lower(), found["user"] or "", found["host"].lower(), port, parameters, found["headers"] or "")


def read_address(text: str) -> IpAddress | None:
    """An IP address, with or without brackets; None when it is none."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


@functools.lru_cache(4096)
def neighbourhood(host: str) -> str:
    """Whom an address is of: itself, or the /64 of one of IPv6, all of which one subscriber has (RFC 6177)."""
    address = read_address(host)
    return host if address is None or address.version == 4 else str(ipaddress.ip_network((address.packed, 64), strict=False))


def split_source(source: str) -> tuple[str, int]:
    """Address, without brackets, and port of ``address:port``; port 0 when there is none."""
    host, colon, port = source.rpartition(":")
    if not colon or not port.isdigit():
        return source.strip("[]"), 0
    return host.strip("[]"), int(port[:5])


def is_private(address: IpAddress) -> bool:
    """Whether an address means something else to whoever is elsewhere: private, shared, link-local, loopback or unspecified."""
    return is_within(address, _PRIVATE)


def is_within(address: IpAddress | None, networks: Iterable[Network]) -> bool:
    """Whether an address is of one of some networks; None is of none."""
    return address is not None and any(address in network for network in networks)


def is_encrypted(uri: str) -> bool:
    """Whether a URI is called over TLS (RFC 3261 section 19.1)."""
    return uri.lower().startswith("sips:") or ";transport=tls" in uri.lower()
