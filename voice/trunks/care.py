"""Looking after trunks: asking again and again whether they live and where their names lead."""

from __future__ import annotations

import asyncio

from sip.endpoint import Peers
from voice.settings import TrunkTarget
from voice.trunks.resolver import Resolver
from voice.trunks.trunk import Trunk
from voice.trunks.trunks import Trunks


async def ask(trunks: Trunks, peers: Peers) -> None:
    """For ever: each trunk by OPTIONS, as often as its settings want."""
    second = 0
    while True:
        for trunk in trunks:
            every = trunk.configured.keepalive_seconds
            if every and second % every == 0:
                trunks.ping(trunk, peers)
        await asyncio.sleep(1)
        second += 1


async def locate(trunks: Trunks, resolver: Resolver) -> None:
    """For ever: the names of all addresses, each as often as its records want."""

    async def follow(trunk: Trunk, configured: TrunkTarget) -> None:
        while True:
            places, seconds = await resolver.places(configured.uri)
            trunk.locate(configured, places)
            await asyncio.sleep(seconds)

    async with asyncio.TaskGroup() as names:
        for trunk in trunks:
            for configured in {id(target.configured): target.configured for target in trunk.targets}.values():
                names.create_task(follow(trunk, configured))
