"""On which terms browsers are connected."""

from __future__ import annotations

from dataclasses import dataclass

CODECS = ("PCMU", "opus")
"""What we can send and receive, by the names of RFC 3551 and RFC 7587."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A TURN server that we ask for an address of its own (RFC 8656)."""

    host: str
    port: int = 3478
    username: str = ""
    password: str = ""
    transport: str = "udp"
    """``udp`` or ``tcp``: how we reach it."""
    encrypted: bool = False
    """TLS, over TCP."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every peer of one switch."""

    codecs: tuple[str, ...] = CODECS
    """Those that are accepted, the preferred one first in our offers; an answer takes the browser's first."""
    ports: tuple[int, int] = (0, 0)
    """UDP ports for media, both included; zeros: whichever the system gives."""
    bind: str = ""
    """The address of our sockets; empty: each of this machine but loopback, and with an ``external_address`` all at once."""
    external_address: str = ""
    """What browsers are told in place of our own address."""
    stun: tuple[str, int] | None = None
    """Whom we ask how we are seen from outside (RFC 8489)."""
    turn: Relay | None = None
    patience_seconds: float = 15.0
    """How long a browser may take to come."""
    most_delay_ms: int = 200
    """That the jitter buffer may add."""
