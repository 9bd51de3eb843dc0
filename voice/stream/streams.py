"""Every stream of one server: started by a document or by the REST API, found by its SID or its name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voice.calls.line import Line
from voice.errors import StreamRefused
from voice.stream.stream import CODES, Order, Stream, Surroundings
from voice.web.peer import SocketFailure

MOST_TRACKS = 4
"""Of one call (spec section 2.13)."""
LAST_SECONDS = 3.0
"""How long the last messages may take when the server ends."""
UNKNOWN, NO_CONNECTOR, TOO_MANY = 31900, 31940, 31960


class Streams:
    """The streams that run; its methods belong to the event loop."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._live: dict[str, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._dropped = 0
        """Frames of streams that have ended."""

    def __len__(self) -> int:
        return len(self._live)

    @property
    def dropped(self) -> int:
        """Frames lost so far because an application, or the event loop, was too slow."""
        return self._dropped + sum(stream.dropped for stream in self._live.values()) + self._around.studio.taps.frames_dropped

    def start(self, line: Line, order: Order, over: Callable[[], None] = lambda: None) -> Stream:
        """Stream the audio of a live line until the stream is stopped, by either side; ``over`` is told its end.

        How connecting goes is told by the order's callback. Raises StreamRefused, after that has been told, when it is not
        tried at all.
        """

        def ended(stream: Stream) -> None:
            del self._live[stream.sid]
            self._dropped += stream.dropped
            over()

        stream = Stream(line, order, self._around, ended)
        try:
            url = self._admit(stream)
        except StreamRefused as refusal:
            stream.refuse(refusal)
            raise
        self._live[stream.sid] = stream
        task = stream.start(url)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return stream

    def find(self, call_sid: str, which: str) -> Stream | None:
        """A stream of a call that runs, by its SID or its name; an empty name is the latest one that has none."""
        for stream in reversed(list(self._live.values())):
            if stream.call.sid == call_sid and which in (stream.sid, stream.order.name):
                return stream
        return None

    async def close(self) -> None:
        """Stop all, and wait a moment for their last messages."""
        for stream in list(self._live.values()):
            stream.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_SECONDS)

    def _admit(self, stream: Stream) -> str:
        """The address to connect to. Raises StreamRefused."""
        order = stream.order
        if not stream.call.live or stream.call.row is None:
            raise StreamRefused(UNKNOWN, f"the call is {stream.call.status}")
        if not order.url:
            raise StreamRefused(NO_CONNECTOR, "a stream needs a url: this switch has no connectors")
        if order.name and self.find(stream.call.sid, order.name) is not None:
            raise StreamRefused(UNKNOWN, f"a stream named {order.name!r} is running already")
        running = [each for each in self._live.values() if each.call.sid == stream.call.sid]
        tracks = sum(len(each.order.directions) for each in running) + len(order.directions)
        if tracks > MOST_TRACKS:
            raise StreamRefused(TOO_MANY, f"{tracks} tracks of one call; at most {MOST_TRACKS} may be streamed at a time")
        try:
            return self._around.dialler.check(order.url)
        except SocketFailure as failure:
            raise StreamRefused(CODES[failure.reason], str(failure)) from None
