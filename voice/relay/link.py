"""The WebSocket of a conversation: messages go out in order, bounded, while others come in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeVar

from voice.errors import RelayFailed
from voice.web.websocket import Peer, SocketFailure

CLOSED = 64105
MOST_OUTGOING = 1_000
"""Messages that wait for an application which takes none."""
SECONDS_TO_CLOSE = 2.0
MOST_AT_A_TIME, PAUSE_SECONDS = 100, 0.02
"""Messages that are read before others get their turn."""

Result = TypeVar("Result")


class Link:
    """What waits to be sent, and the loops that send and read."""

    def __init__(self) -> None:
        self._outgoing: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(MOST_OUTGOING)
        self._closing: set[asyncio.Task[None]] = set()

    def put(self, message: dict[str, Any]) -> None:
        """Send a message when it is its turn; when too many wait, the conversation ends."""
        if self._outgoing.qsize() < MOST_OUTGOING - 1:
            self._outgoing.put_nowait(message)
        elif not self._outgoing.full():
            self._outgoing.put_nowait(None)

    async def converse(self, peer: Peer, obey: Callable[[str | bytes], Result | None]) -> Result:
        """Send and read until ``obey``, which takes each message, has a result. Raises RelayFailed, and what ``obey`` raises."""
        sending = asyncio.create_task(self._send_all(peer))
        reading = asyncio.create_task(_read_all(peer, obey))
        try:
            await asyncio.wait((sending, reading), return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await sending
            return await reading
        finally:
            for task in (sending, reading):
                task.cancel()
            await asyncio.gather(sending, reading, return_exceptions=True)

    def close(self, peer: Peer) -> None:
        """Say goodbye, in the background."""
        task = asyncio.get_running_loop().create_task(_close(peer))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _send_all(self, peer: Peer) -> None:
        while (message := await self._outgoing.get()) is not None:
            try:
                await peer.send(json.dumps(message, ensure_ascii=False))
            except SocketFailure as failure:
                raise RelayFailed(CLOSED, f"the websocket has ended: {failure}") from None
        raise RelayFailed(CLOSED, f"the application takes no messages: {MOST_OUTGOING} wait for it")


async def _read_all(peer: Peer, obey: Callable[[str | bytes], Result | None]) -> Result:
    count = 0
    while True:
        try:
            raw = await peer.receive()
        except SocketFailure as failure:
            raise RelayFailed(CLOSED, f"the websocket has ended: {failure}") from None
        if raw is None:
            raise RelayFailed(CLOSED, "the application has closed the websocket")
        result = obey(raw)
        if result is not None:
            return result
        count += 1
        # A message that has arrived already is received without waiting, which would leave no turn to anybody else.
        await asyncio.sleep(PAUSE_SECONDS if count % MOST_AT_A_TIME == 0 else 0)


async def _close(peer: Peer) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_CLOSE):
            await peer.close()
    except (TimeoutError, SocketFailure):
        peer.abort()
