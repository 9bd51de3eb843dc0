"""What happens to the connections of browsers."""

from __future__ import annotations

from dataclasses import dataclass

PeerId = int
"""Names one browser's audio, unique within the process."""


@dataclass(frozen=True, slots=True)
class PeerConnected:
    """Audio flows: once after each answer, accept and restart."""

    peer: PeerId
    codec: str


@dataclass(frozen=True, slots=True)
class PeerFailed:
    """The browser has not come in time, or did not prove who it is; the peer stays, and can be restarted or hung up."""

    peer: PeerId
    reason: str


@dataclass(frozen=True, slots=True)
class PeerLost:
    """A connection that was up is gone; the peer stays, and can be restarted or hung up."""

    peer: PeerId
    reason: str


PeerEvent = PeerConnected | PeerFailed | PeerLost
