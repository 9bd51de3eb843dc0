"""The switch's side of browser calls: a bus, its clock and peers, without any signalling."""

from __future__ import annotations

import asyncio

import numpy as np

from media.bus import Bus
from media.clock import Clock
from media.frame import Samples
from media.webrtc.events import PeerEvent
from media.webrtc.peers import Peers
from media.webrtc.terms import Terms


class Switchboard:
    """Says a tone on every row, and keeps what each hears."""

    def __init__(self, terms: Terms, rate: int = 8000, hertz: float = 440) -> None:
        self.bus = Bus(rate, 16)
        self.peers = Peers(self.bus, terms)
        self.events: asyncio.Queue[PeerEvent] = asyncio.Queue()
        self.heard: list[Samples] = []
        self._hertz = hertz
        self._at = 0
        self._clock = Clock(self._tick)

    def start(self) -> None:
        loop = asyncio.get_running_loop()

        def post(event: PeerEvent) -> None:
            loop.call_soon_threadsafe(self.events.put_nowait, event)

        self.peers.start(post)
        self._clock.start()

    def close(self) -> None:
        self._clock.stop()
        self.peers.close()

    def spoken(self, row: int) -> Samples:
        """What a row has said, at 8 kHz."""
        said = np.concatenate([frame[row] for frame in list(self.heard)])
        return said[:: self.bus.rate // 8000]

    def forget(self) -> None:
        self.heard.clear()

    def _tick(self) -> None:
        at = self._at + np.arange(self.bus.samples)
        self._at += self.bus.samples
        self.bus.tx[:] = (8000 * np.sin(2 * np.pi * self._hertz * at / self.bus.rate)).astype(np.int16)
        self.peers.exchange()
        self.heard.append(self.bus.rx.copy())
