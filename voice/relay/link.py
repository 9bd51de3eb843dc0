"""The connection of a conversation: messages go out in order, bounded, while others come in; a lost one may be made anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from voice.errors import LinkLost, RelayFailed
from voice.relay.channel import Channel, SocketChannel
from voice.web.connection import MOST_AT_A_TIME, PAUSE_SECONDS
from voice.web.peer import Dialler, SocketFailure

NO_CONNECTION, CLOSED = 64102, 64105
MOST_OUTGOING = 1_000
"""Messages that wait for an application which takes none."""
SECONDS_TO_CLOSE = 2.0
RECONNECT_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each attempt to make a lost connection anew."""
STEADY_SECONDS = 30.0
"""A connection that has lasted so long may be lost as often again."""

Result = TypeVar("Result")


Connect = Callable[[str], Awaitable[Channel]]
"""Reaches the application on behalf of an account. Raises RelayFailed."""


async def dial(dialler: Dialler, url: str, account_sid: str) -> Channel:
    """An application behind a WebSocket. Raises RelayFailed."""
    try:
        return SocketChannel(await dialler.open(dialler.check(url), account_sid))
    except SocketFailure as failure:
        raise RelayFailed(NO_CONNECTION, f"the application cannot be reached: {failure}") from None


class Link:
    """What waits to be sent, and the loops that send and read.

    ``open`` connects, or raises RelayFailed; ``lost`` is told of each connection that is made anew after it.
    """

    def __init__(
        self, open: Callable[[], Awaitable[Channel]], *, reconnects: bool, lost: Callable[[str], None] = lambda why: None
    ) -> None:
        self._open = open
        self._reconnects = reconnects
        self._lost = lost
        self._channel: Channel | None = None
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_OUTGOING)
        self._overflown = asyncio.Event()
        self._closing: set[asyncio.Task[None]] = set()

    def put(self, message: dict[str, Any]) -> None:
        """Send a message when it is its turn; when too many wait, the conversation ends."""
        if self._outgoing.full():
            self._overflown.set()
        else:
            self._outgoing.put_nowait(message)

    async def converse(self, hello: Callable[[], dict[str, Any]], obey: Callable[[str | bytes], Result | None]) -> Result:
        """Connect, and send and read until ``obey``, which takes each message, has a result.

        Each connection begins with ``hello``. Raises RelayFailed, and what ``obey`` raises.
        """
        loop = asyncio.get_running_loop()
        channel = self._channel = await self._open()
        waits: tuple[float, ...] = RECONNECT_SECONDS if self._reconnects else ()
        while True:
            began = loop.time()
            try:
                return await self._talk(channel, hello(), obey)
            except LinkLost as lost:
                channel.abort()
                if self._reconnects and loop.time() - began > STEADY_SECONDS:
                    waits = RECONNECT_SECONDS
                channel, waits = await self._reopen(waits, lost)
                self._channel = channel

    def close(self, code: int) -> None:
        """Send what waits, and say goodbye and why, in the background."""
        if self._channel is not None:
            task = asyncio.get_running_loop().create_task(_close(self._channel, self._outgoing, code))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _reopen(self, waits: tuple[float, ...], lost: LinkLost) -> tuple[Channel, tuple[float, ...]]:
        """Another connection, and how long to wait for those after it. Raises the LinkLost of the one before."""
        while waits:
            wait, *rest = waits
            waits = tuple(rest)
            self._lost(str(lost))
            await asyncio.sleep(wait)
            try:
                return await self._open(), waits
            except RelayFailed as failure:
                self._lost(str(failure))
        raise lost

    async def _talk(self, channel: Channel, hello: dict[str, Any], obey: Callable[[str | bytes], Result | None]) -> Result:
        sending = asyncio.create_task(self._send_all(channel, hello))
        waiting = asyncio.create_task(self._give_up())
        reading = asyncio.create_task(_read_all(channel, obey))
        try:
            await asyncio.wait((sending, waiting, reading), return_when=asyncio.FIRST_COMPLETED)
            for task in (sending, waiting):
                if task.done() and not reading.done():
                    await task  # which says why there is no result
            return await reading
        finally:
            for each in (sending, waiting, reading):
                each.cancel()
            await asyncio.gather(sending, waiting, reading, return_exceptions=True)

    async def _send_all(self, channel: Channel, hello: dict[str, Any]) -> None:
        try:
            await _send(channel, hello)
            while True:
                await _send(channel, await self._outgoing.get())
        except SocketFailure as failure:
            raise LinkLost(CLOSED, f"the websocket has ended: {failure}") from None

    async def _give_up(self) -> None:
        """An application may be so slow that a message is never sent to its end: that is no reason to wait for ever."""
        await self._overflown.wait()
        raise RelayFailed(CLOSED, f"the application takes no messages: {MOST_OUTGOING} wait for it")


async def _send(channel: Channel, message: dict[str, Any]) -> None:
    await channel.send(json.dumps(message, ensure_ascii=False))


async def _read_all(channel: Channel, obey: Callable[[str | bytes], Result | None]) -> Result:
    count = 0
    while True:
        try:
            raw = await channel.receive()
        except SocketFailure as failure:
            raise LinkLost(CLOSED, f"the websocket has ended: {failure}") from None
        if raw is None:
            raise LinkLost(CLOSED, "the application has closed the websocket")
        result = obey(raw)
        if result is not None:
            return result
        count += 1
        # A message that has arrived already is received without waiting, which would leave no turn to anybody else.
        await asyncio.sleep(PAUSE_SECONDS if count % MOST_AT_A_TIME == 0 else 0)


async def _close(channel: Channel, outgoing: asyncio.Queue[dict[str, Any]], code: int) -> None:
    try:
        async with asyncio.timeout(SECONDS_TO_CLOSE):
            while not outgoing.empty():
                await _send(channel, outgoing.get_nowait())
            await channel.close(code)
    except (TimeoutError, SocketFailure):
        channel.abort()
