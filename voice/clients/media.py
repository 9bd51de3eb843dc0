"""What carries the audio of pages: ``media.webrtc.peers.Peers``, or what tests put in its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Protocol

from media.webrtc.events import PeerEvent, PeerId
from media.webrtc.traffic import Traffic
from sip.quality import Quality


class Media(Protocol):
    """Connections to pages, each named by a number; descriptions are SDP. The coroutines raise MediaError."""

    def start(self, post: Callable[[PeerEvent], None]) -> None:
        """Begin; ``post`` may be called on any thread."""

    def close(self) -> None:
        """End every connection."""

    def examine(self, offer: str) -> None:
        """Raise MediaError for an offer that cannot be answered."""

    async def answer(self, offer: str) -> tuple[PeerId, str]:
        """Make a connection that a page offers, and the answer to it."""

    async def offer(self) -> tuple[PeerId, str]:
        """Make a connection that a page is offered."""

    async def accept(self, peer: PeerId, answer: str) -> None:
        """Take the page's answer to our offer."""

    async def restart(self, peer: PeerId, offer: str) -> str:
        """Connect anew to the page, or to another one."""

    def attach(self, peer: PeerId, row: int) -> None:
        """Give it its row of the bus."""

    def hang_up(self, peer: PeerId) -> None:
        """End it."""

    def measure(self, peer: PeerId) -> Traffic | None:
        """Its counters; None when it has none."""


def quality_of(traffic: Traffic) -> Quality:
    """The counters as calls have them."""
    return Quality(**asdict(traffic))
