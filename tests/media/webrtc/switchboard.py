"""The switch's side of browser calls: a bus, its clock and peers, without any signalling."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from media.bus import Bus
from media.clock import Clock
from media.frame import Samples
from media.webrtc.events import PeerConnected, PeerEvent, PeerId
from media.webrtc.peers import Peers
from media.webrtc.terms import Terms
from tests.media.webrtc.browser import Browser, pitch

ROWS = 16
_BASE = 400
_STEP = 50
SAMPLES = 3200
"""Of 8 kHz, in which a tone is looked for."""


class Switchboard:
    """Says a tone of its own on every row, and keeps what each says."""

    def __init__(self, terms: Terms, rate: int = 8000) -> None:
        self.bus = Bus(rate, ROWS)
        self.peers = Peers(self.bus, terms)
        self.events: asyncio.Queue[PeerEvent] = asyncio.Queue()
        self.heard: list[Samples] = []
        self._at = 0
        self._tones = (_BASE + _STEP * np.arange(ROWS))[:, None] * 2 * np.pi / rate
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

    async def call(self, browser: Browser) -> tuple[PeerId, int]:
        """A call from a browser that is up, and its row."""
        peer, answer = await self.peers.answer(await browser.offer())
        row = self.bus.claim()
        self.peers.attach(peer, row)
        await browser.accept(answer)
        assert await self.events.get() == PeerConnected(peer, browser.codec)
        return peer, row

    async def hear_each_other(self, browser: Browser, row: int) -> None:
        """Wait until both have said enough from now on, and look for their tones."""
        self.heard.clear()
        browser.forget()
        async with asyncio.timeout(10):
            while browser.heard.size < 1.3 * SAMPLES or len(self.heard) * 160 < 1.3 * SAMPLES:
                await asyncio.sleep(0.02)
        assert pitch(browser.heard[-SAMPLES:]) == pytest.approx(_BASE + _STEP * row, abs=6)
        assert pitch(self.spoken(row)[-SAMPLES:]) == pytest.approx(browser.hertz, abs=6)

    def spoken(self, row: int) -> Samples:
        """What a row has said, at 8 kHz."""
        said = np.concatenate([frame[row] for frame in list(self.heard)])
        return said[:: self.bus.rate // 8000]

    def _tick(self) -> None:
        at = self._at + np.arange(self.bus.samples)
        self._at += self.bus.samples
        self.bus.tx[:] = (8000 * np.sin(self._tones * at)).astype(np.int16)
        self.peers.exchange()
        self.heard.append(self.bus.rx.copy())
