"""Pages with an SDK, as the switch sees them: what they say is written here by hand, their audio stays in memory."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media.errors import DescriptionInvalid, PeerGone
from media.webrtc.events import PeerConnected, PeerEvent, PeerId, PeerLost
from media.webrtc.traffic import Traffic
from voice.clients.reception import Reception, Visitor

Samples = NDArray[np.int16]
SETTING_UP_SECONDS = 0.01
_NOTHING = Traffic(0, 0, 0, 0, 0, 0.0, 0.0, "", "", "", 0.0, 0.0)


@dataclass
class FakePeer:
    """One connection."""

    offers: list[str] = field(default_factory=list)
    """What the page has offered, one after the other."""
    row: int | None = None
    tone: Samples | None = None
    """What the page says, over and over: one frame."""
    heard: list[Samples] = field(default_factory=list)
    connected: bool = False
    over: bool = False
    received: int = 0


class FakeMedia:
    """``voice.clients.media.Media`` without a network: a description that holds no audio is refused, others are taken."""

    def __init__(self, rx: Samples, tx: Samples) -> None:
        self.peers: dict[PeerId, FakePeer] = {}
        """All there ever were."""
        self._rx, self._tx = rx, tx
        self._numbers = itertools.count(1)
        self._post: Callable[[PeerEvent], None]

    def start(self, post: Callable[[PeerEvent], None]) -> None:
        """See Media."""
        self._post = post

    def close(self) -> None:
        """See Media."""

    def exchange(self) -> None:
        """20 ms of every connection."""
        for peer in self.peers.values():
            if peer.row is None or not peer.connected or peer.over:
                continue
            peer.received += 1
            self._rx[peer.row] = 0 if peer.tone is None else peer.tone
            peer.heard.append(self._tx[peer.row].copy())

    def examine(self, offer: str) -> None:
        """See Media."""
        if "m=audio" not in offer:
            raise DescriptionInvalid("there is no audio in the description")

    async def answer(self, offer: str) -> tuple[PeerId, str]:
        """See Media."""
        peer = await self._make(offer)
        self._connect(peer)
        return peer, sdp(f"switch{peer}")

    async def offer(self) -> tuple[PeerId, str]:
        """See Media."""
        peer = await self._make(sdp("switch"))
        return peer, sdp(f"switch{peer}")

    async def accept(self, peer: PeerId, answer: str) -> None:
        """See Media."""
        await self._take(peer, answer)

    async def restart(self, peer: PeerId, offer: str) -> str:
        """See Media."""
        await self._take(peer, offer)
        return sdp(f"switch{peer}again")

    def attach(self, peer: PeerId, row: int) -> None:
        """See Media."""
        self.peers[peer].row = row

    def hang_up(self, peer: PeerId) -> None:
        """See Media."""
        self.peers[peer].over, self.peers[peer].row = True, None

    def measure(self, peer: PeerId) -> Traffic | None:
        """See Media."""
        found = self.peers[peer]
        return replace(_NOTHING, received=found.received, codec="PCMU") if found.connected else None

    def lose(self, peer: PeerId) -> None:
        """The way to a page is gone."""
        self.peers[peer].connected = False
        self._post(PeerLost(peer, "gone"))

    async def _make(self, description: str) -> PeerId:
        peer = next(self._numbers)
        await asyncio.sleep(SETTING_UP_SECONDS)
        if "m=audio" not in description:
            raise DescriptionInvalid("there is no audio in the description")
        self.peers[peer] = FakePeer([description])
        return peer

    async def _take(self, peer: PeerId, description: str) -> None:
        await asyncio.sleep(SETTING_UP_SECONDS)
        if self.peers[peer].over:
            raise PeerGone(f"peer {peer} has ended")
        if "m=audio" not in description:
            raise DescriptionInvalid("there is no audio in the description")
        self.peers[peer].offers.append(description)
        self._connect(peer)

    def _connect(self, peer: PeerId) -> None:
        self.peers[peer].connected = True
        self._post(PeerConnected(peer, "PCMU"))


def sdp(name: str, audio: bool = True) -> str:
    """A description whose ICE user has a name."""
    lines = ["v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 0" if audio else "m=video 9 UDP/TLS/RTP/SAVPF 96"]
    return "\r\n".join([*lines, f"a=ice-ufrag:{name}", f"a=fingerprint:sha-256 {name}", ""])


class Page:
    """One page; ``said`` is all that it was told, newest last."""

    def __init__(self, reception: Reception, name: str = "page") -> None:
        self.name = name
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.dismissed = False
        self._visitor = Visitor(reception, self._hear, self._leave)

    def say(self, kind: str, **payload: Any) -> None:
        """Send a message."""
        self.write(json.dumps({"type": kind, "version": "1.6", "payload": payload}))

    def write(self, frame: str) -> None:
        """Send a frame."""
        self._visitor.receive(frame)

    def lose(self) -> None:
        """Lose the connection."""
        self._visitor.lost()

    def told(self, kind: str) -> list[dict[str, Any]]:
        """The messages of one kind."""
        return [payload for each, payload in self.said if each == kind]

    def last(self, kind: str) -> dict[str, Any]:
        """The newest of one kind."""
        return self.told(kind)[-1]

    def listen(self, token: str, register: bool = False, **more: Any) -> None:
        """Sign in, and ask to be called."""
        self.say("listen", token=token, browserinfo={"v": "2.18.5"}, **more)
        if register:
            self.say("register", media={"audio": True})

    def dial(self, parameters: str = "", name: str = "TJS1", description: str = "") -> None:
        """Call."""
        self.say("invite", callsid=name, sdp=description or sdp(self.name), twilio={"params": parameters})

    def _hear(self, frame: str) -> None:
        message = json.loads(frame)
        self.said.append((message["type"], message["payload"]))

    def _leave(self) -> None:
        self.dismissed = True
