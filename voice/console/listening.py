"""Listening in: both directions of a live call as a stream of audio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from media.track import Track
from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.sound.taps import StudioTaps

MOST_LISTENERS = 20
MOST_WAITING = 50
"""Frames that wait for a slow listener: a second, of which the oldest are dropped."""
KIND = "audio/x-mulaw-pair"
"""Frames of 20 ms at 8 kHz: 160 bytes of mu-law of what the far end says, then as many of what it hears."""


class ListeningDesk:
    """Lets people hear calls, who do not notice, for as long as they are signed in, which ``knows`` tells."""

    def __init__(self, registry: Registry, taps: StudioTaps, knows: Callable[[Request], bool]) -> None:
        self._registry = registry
        self._knows = knows
        self._taps = taps
        self._listeners = 0

    async def listen(self, request: Request) -> Response:
        """The sound of one call until it ends or the listener goes."""
        line = self._registry.by_sid(request.path_params["sid"])
        if line is None or line.call.row is None:
            return JSONResponse({"message": "The call has ended already."}, 409)
        if self._listeners >= MOST_LISTENERS:
            return JSONResponse({"message": "Too many listen already."}, 503)
        user = request.client.host if request.client is not None else ""
        line.call.journal.add("listening", address=user)
        return StreamingResponse(self._sound(request, line, line.call.row), media_type=KIND)

    async def _sound(self, request: Request, line: Line, row: int) -> AsyncIterator[bytes]:
        frames: deque[bytes] = deque(maxlen=MOST_WAITING)
        come = asyncio.Event()

        def take(tick: int, tracks: tuple[bytes, ...]) -> None:
            frames.append(b"".join(tracks))
            come.set()

        stop = self._taps.stream((Track(row), Track(row, outbound=True)), take)
        line.on_end.append(come.set)
        self._listeners += 1
        try:
            while line.call.row == row and line.call.live and self._knows(request):
                await come.wait()
                come.clear()
                while frames:
                    yield frames.popleft()
        finally:
            self._listeners -= 1
            if come.set in line.on_end:
                line.on_end.remove(come.set)
            stop()
