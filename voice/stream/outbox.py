"""What waits for the network of one stream: bounded, so that a slow application costs frames and never memory."""

from __future__ import annotations

import asyncio
from collections import deque

from voice.stream.messages import Frame, Outgoing

MOST_FRAMES = 250
"""Of all tracks: five seconds of one."""
MOST_OTHERS = 1_000
"""Marks and keys. Whoever has that many waiting reads too slowly to be read."""


class Outbox:
    """A queue from the event loop's callbacks to the task that sends."""

    def __init__(self, most_frames: int = MOST_FRAMES) -> None:
        self.dropped = 0
        """Frames lost so far."""
        self._most_frames = most_frames
        self._waiting: deque[Outgoing] = deque()
        self._frames = 0
        self._closed = False
        self._changed = asyncio.Event()
        self._roomy = asyncio.Event()
        self._roomy.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Outgoing) -> bool:
        """Append a message; False when the oldest frame had to go for it."""
        fits = True
        if isinstance(message, Frame):
            fits = self._frames < self._most_frames
            if not fits:
                self._drop()
            self._frames += 1
        self._waiting.append(message)
        if len(self._waiting) - self._frames >= MOST_OTHERS:
            self._roomy.clear()
        self._changed.set()
        return fits

    def close(self) -> None:
        """What waits is the last."""
        self._closed = True
        self._changed.set()

    async def take(self) -> Outgoing | None:
        """The oldest message; None when it is closed and empty."""
        while not self._waiting:
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        message = self._waiting.popleft()
        self._frames -= isinstance(message, Frame)
        if len(self._waiting) - self._frames < MOST_OTHERS:
            self._roomy.set()
        return message

    async def room(self) -> None:
        """Wait until there are not too many marks and keys."""
        await self._roomy.wait()

    def _drop(self) -> None:
        oldest = next(place for place, message in enumerate(self._waiting) if isinstance(message, Frame))
        del self._waiting[oldest]
        self._frames -= 1
        self.dropped += 1
