"""What waits for the network of one stream: bounded, so that a slow application costs frames and never memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from voice.stream.messages import Frame, Outgoing

MOST_FRAMES = 250
"""Of all tracks: five seconds of one."""
MOST_OTHERS = 1_000
"""Marks and keys. Whoever has that many waiting reads too slowly to be read."""


class Outbox:
    """Messages go to ``send`` at once while the network has room, which ``send`` says; otherwise they wait for ``go_on``.

    ``empty`` is told once, when it is closed and everything was sent.
    """

    def __init__(self, send: Callable[[Outgoing], bool], empty: Callable[[], None]) -> None:
        self.dropped = 0
        """Frames lost so far."""
        self._send = send
        self._empty = empty
        self._waiting: deque[Outgoing] = deque()
        self._frames = 0
        self._roomy = False
        """Not before the first ``go_on``."""
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Too many marks and keys wait."""
        return len(self._waiting) - self._frames >= MOST_OTHERS

    def put(self, message: Outgoing) -> bool:
        """Send a message behind those that wait; False when the oldest frame had to go for it."""
        if self._roomy:
            self._roomy = self._send(message)
            return True
        fits = True
        if isinstance(message, Frame):
            fits = self._frames < MOST_FRAMES
            if not fits:
                self._drop()
            self._frames += 1
        self._waiting.append(message)
        return fits

    def go_on(self) -> None:
        """There is room: send what waits."""
        self._roomy = True
        while self._roomy and self._waiting:
            message = self._waiting.popleft()
            self._frames -= isinstance(message, Frame)
            self._roomy = self._send(message)
        self._tell_empty()

    def close(self) -> None:
        """What waits is the last."""
        self._closed = True
        self._tell_empty()

    def _tell_empty(self) -> None:
        if self._closed and not self._waiting:
            self._empty()
            self._empty = lambda: None

    def _drop(self) -> None:
        oldest = next(place for place, message in enumerate(self._waiting) if isinstance(message, Frame))
        del self._waiting[oldest]
        self._frames -= 1
        self.dropped += 1
