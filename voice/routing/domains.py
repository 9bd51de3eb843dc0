"""The SIP domains of a server: who may register, who may call, and which application answers (spec sections 4.16 and 6.1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sip.digest import Secret
from sip.uri import Network, is_within, read_address

ANY_HOST = "localhost"
_LOCALISED = re.compile(r"(.+)\.sip(?:\.[a-z0-9-]+){1,2}\.twilio\.com")
"""A domain by way of an edge, a region or both (spec section 6.1)."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain, with all that the lists which are mapped to it say."""

    name: str
    """As in ``sip:alice@name``; lower case."""
    account_sid: str
    """Whose it is."""
    sid: str = ""
    """``SD...``"""
    voice_url: str = ""
    """Empty: callers are connected with the user they dial."""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    registration: bool = False
    """Whether phones may register at all."""
    secure: bool = False
    """Whether signalling has to be encrypted."""
    registrants: Mapping[str, Secret] = field(default_factory=dict)
    """Who may register, by username: the credential lists mapped to registrations."""
    callers: Mapping[str, Secret] | None = None
    """Who may call, by username: the credential lists mapped to calls; None when none is."""
    networks: tuple[Network, ...] | None = None
    """From where calls may come: the IP lists mapped to calls; None when none is."""

    @property
    def takes_calls(self) -> bool:
        """Whether anything is mapped to calls: without, all of them are refused (spec section 6.1)."""
        return self.callers is not None or self.networks is not None

    def is_near(self, address: str) -> bool:
        """Whether the IP lists allow an address, or there are none."""
        return self.networks is None or is_within(read_address(address), self.networks)


class Domains:
    """Domains by name. They are values: to change one, put another in its place.

    ``hosts`` are the server's own addresses: a URI with one of these means the first domain.
    """

    def __init__(self, domains: Iterable[Domain] = (), hosts: Collection[str] = ()) -> None:
        self._by_name: dict[str, Domain] = {}
        self._hosts = frozenset(host.lower() for host in hosts if host) | {ANY_HOST}
        self.load(domains)

    def load(self, domains: Iterable[Domain]) -> None:
        """Know these domains and no others."""
        self._by_name = {domain.name: domain for domain in domains}

    def put(self, domain: Domain) -> None:
        """Add a domain, or put it in the place of the one with its name."""
        self._by_name[domain.name] = domain

    def remove(self, name: str) -> None:
        """Forget a domain."""
        self._by_name.pop(name.lower(), None)

    def named(self, host: str) -> Domain | None:
        """The domain with this name, or with this one of an edge or region: ``name.sip.dublin.twilio.com``."""
        name = host.lower()
        return self._by_name.get(name) or self._by_name.get(_LOCALISED.sub(r"\1.sip.twilio.com", name))

    def find(self, host: str) -> Domain | None:
        """The domain that the host of a URI means."""
        found = self.named(host)
        if found is None and self.means_server(host):
            return next(iter(self._by_name.values()), None)
        return found

    def means_server(self, host: str) -> bool:
        """Whether a host is one of the server's own addresses."""
        return host.lower().strip("[]") in self._hosts

    def __iter__(self) -> Iterator[Domain]:
        return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        return len(self._by_name)
