"""Where we listen, and which of our addresses we name to whom. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

from sip.uri import Network, read_address

Version = Literal[4, 6]


@dataclass(frozen=True, slots=True)
class Face:
    """How one address family looks."""

    version: Version
    bound: str
    """The address; empty for every one of the machine."""
    outside: str
    """The host that Via and Contact name to those who are not near; empty: as to the near ones."""
    media: str
    """The same for audio, always an address."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of one or both families, at most one of each; without brackets.

    Who is within ``near``, or on this machine, is told the address that faces him: the bound one or, where every address is
    bound, that on the way to him. Everybody else is told the external ones, where there are any.
    """

    bound: tuple[str, ...] = ("127.0.0.1",)
    external: tuple[str, ...] = ()
    """Of signalling; a name is for both families."""
    media: tuple[str, ...] = ()
    """Of audio; where none is given, the external ones are."""
    near: tuple[Network, ...] = ()

    @property
    def versions(self) -> tuple[Version, ...]:
        """The families that are spoken, IPv4 first."""
        return tuple(sorted({version_of(address) for address in self.bound}))

    def face(self, version: Version) -> Face:
        """How a family that is spoken looks."""
        bound = _of(self.bound, version)
        outside = _of(self.external, version) or next((name for name in self.external if read_address(name) is None), "")
        audio = _of(self.media, version) or _of(self.external, version)
        return Face(version, "" if is_any(bound) else bound, outside, audio)

    def faces(self) -> Iterator[Face]:
        """One of each family that is spoken."""
        return map(self.face, self.versions)

    @property
    def hosts(self) -> tuple[str, ...]:
        """All that a URI of ours may name, without brackets."""
        return (*(address for address in self.bound if not is_any(address)), *self.external)

    @property
    def host(self) -> str:
        """What we call ourselves in URIs."""
        return bracketed(next(iter((*self.external, *self.hosts)), self.loopback))

    @property
    def loopback(self) -> str:
        """Where we reach ourselves; without brackets."""
        return loopback_of(self.bound[0])


def version_of(address: str) -> Version:
    """The family of an address; what is none counts as IPv4."""
    return 6 if isinstance(read_address(address), IPv6Address) else 4


def loopback_of(bound: str) -> str:
    """Where this machine reaches what listens at an address."""
    return {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bound, bound)


def is_any(address: str) -> bool:
    """Whether an address means all of the machine."""
    found = read_address(address)
    return found is not None and found.is_unspecified


def bracketed(host: str) -> str:
    """A host as URIs have it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _of(addresses: tuple[str, ...], version: Version) -> str:
    """The address of a family; names are of none."""
    wanted = IPv4Address if version == 4 else IPv6Address
    return next((address for address in addresses if isinstance(read_address(address), wanted)), "")
