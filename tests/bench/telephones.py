"""``python -m tests.bench.telephones CODEC SRTP CERTIFICATE``: telephones that say noise in a codec; told what to do line by line.

``hold N URI``: call so often, and stay; prints ``up`` when all are answered. ``end``: hang up; prints ``down`` when all have
ended. ``turnover N RATE URI``: call so often, so many a second, and hang up as soon as each is answered; prints ``down`` as well.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import numpy as np

from media.clock import Clock
from sip.addresses import Addresses
from sip.endpoint import Invitation
from sip.events import Answered, Ended, Event, LegId
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.transports import Tls
from tests.ports import TELEPHONES, free_port

ROWS = 128
SAMPLES = 160
NOISES = 50
"""Frames of noise that are said in turn."""


class Telephones:
    """Calls of one process."""

    def __init__(self, codec: str, srtp: str, certificate: str) -> None:
        self._rx, self._tx = (np.zeros((ROWS, SAMPLES), np.int16) for _ in range(2))
        self._endpoint = PjsuaEndpoint(
            self._rx,
            self._tx,
            rate=8000,
            addresses=Addresses(),
            port=free_port(),
            rtp_ports=TELEPHONES,
            codecs=(codec,),
            srtp=srtp,
            tls=Tls(0, certificate),
            max_calls=ROWS,
        )
        self._noise = np.random.default_rng(1).normal(0, 1500, (NOISES, ROWS, SAMPLES)).astype(np.int16)
        self._turn = 0
        self._fleeting = False
        self._legs: set[LegId] = set()
        self._answered = 0
        self._changed = asyncio.Event()
        self._endpoint.start(self._take)
        self._clock = Clock(self._tick, lambda: self._endpoint.register_thread("media"))
        self._clock.start()

    async def hold(self, calls: int, uri: str) -> None:
        """Bring calls up."""
        self._answered, self._fleeting = 0, False
        for row in range(calls):
            self._dial(uri, row)
            await asyncio.sleep(0.05)
        await self._until(lambda: self._answered == calls)

    async def turnover(self, calls: int, rate: float, uri: str) -> None:
        """Bring calls up and down."""
        self._fleeting = True
        for number in range(calls):
            self._dial(uri, number % ROWS)
            await asyncio.sleep(1 / rate)
        await self._until(lambda: not self._legs)

    async def end(self) -> None:
        """Hang up on all."""
        for leg in self._legs:
            self._endpoint.hang_up(leg)
        await self._until(lambda: not self._legs)

    def close(self) -> None:
        """Leave the network."""
        self._clock.stop()
        self._endpoint.close()

    def _dial(self, uri: str, row: int) -> None:
        self._legs.add(self._endpoint.invite(Invitation(uri, "sip:+15550001@127.0.0.1"), row))

    def _take(self, event: Event) -> None:
        if isinstance(event, Answered):
            self._answered += 1
            if self._fleeting:
                self._endpoint.hang_up(event.leg)
        elif isinstance(event, Ended):
            self._legs.discard(event.leg)
        self._changed.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def _tick(self) -> None:
        self._turn = (self._turn + 1) % NOISES
        self._tx[:] = self._noise[self._turn]
        self._endpoint.exchange()


async def main(codec: str, srtp: str, certificate: str) -> None:
    """Obey."""
    telephones = Telephones(codec, srtp, certificate)
    while line := (await asyncio.to_thread(sys.stdin.readline)).split():
        match line:
            case ["hold", calls, uri]:
                await telephones.hold(int(calls), uri)
                print("up", flush=True)
            case ["turnover", calls, rate, uri]:
                await telephones.turnover(int(calls), float(rate), uri)
                print("down", flush=True)
            case ["end"]:
                await telephones.end()
                print("down", flush=True)
    telephones.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
