"""What a conversation talks through: messages are sent and waited for one after the other, whatever carries them."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from voice.web.peer import IN_GOOD_ORDER, Peer, SocketFailure

MOST_READ_AHEAD = 16
"""Messages that have come and were not received."""


class Channel(Protocol):
    """The way to an application and back."""

    async def send(self, text: str) -> None:
        """Send a message, when there is room for it. Raises SocketFailure when there is no connection any more."""

    async def receive(self) -> str | bytes | None:
        """The next message; None when the far end has closed in good order. Raises SocketFailure."""

    async def close(self, code: int = IN_GOOD_ORDER) -> None:
        """Close, saying why, or after a moment in any way."""

    def abort(self) -> None:
        """Drop the connection now."""


class SocketChannel:
    """A WebSocket as a channel: it is read no faster than messages are received."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._messages: deque[str | bytes] = deque()
        self._come = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()
        self._paused = False
        self._over = asyncio.Event()
        self._failure: SocketFailure | None = None
        peer.attend(self)

    async def send(self, text: str) -> None:
        """See Channel."""
        await self._roomy.wait()
        if self._over.is_set():
            raise self._failure or SocketFailure("closed", "the far end has closed")
        if not self._peer.send(text.encode()):
            self._roomy.clear()

    async def receive(self) -> str | bytes | None:
        """See Channel."""
        while not self._messages:
            if self._over.is_set():
                if self._failure is not None:
                    raise self._failure
                return None
            self._come.clear()
            await self._come.wait()
        message = self._messages.popleft()
        if self._paused and not self._messages:
            self._paused = False
            self._peer.resume()
        return message

    async def close(self, code: int = IN_GOOD_ORDER) -> None:
        """See Channel."""
        self._peer.close(code)
        await self._over.wait()

    def abort(self) -> None:
        """See Channel."""
        self._peer.abort()

    # Listener

    def hear(self, message: str | bytes) -> None:
        """See Listener."""
        self._messages.append(message)
        self._come.set()
        if len(self._messages) >= MOST_READ_AHEAD and not self._paused:
            self._paused = True
            self._peer.pause()

    def go_on(self) -> None:
        """See Listener."""
        self._roomy.set()

    def leave(self, failure: SocketFailure | None) -> None:
        """See Listener."""
        self._failure = failure
        for changed in (self._over, self._come, self._roomy):
            changed.set()
