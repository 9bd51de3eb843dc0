"""Looking after trunks: registering with them, and asking again and again whether they live."""

from __future__ import annotations

import asyncio

from sip.endpoint import Peers
from voice.trunks.trunks import Trunks


async def care(trunks: Trunks, peers: Peers) -> None:
    """For ever."""
    trunks.enrol(peers)
    second = 0
    while True:
        for trunk in trunks:
            every = trunk.configured.keepalive_seconds
            if every and second % every == 0:
                trunks.ping(trunk, peers)
        await asyncio.sleep(1)
        second += 1
