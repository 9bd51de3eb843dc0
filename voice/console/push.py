"""What is pushed to pages: server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

MOST_VIEWERS = 50
QUIET_SECONDS = 15.0
"""After which something is sent although there is nothing new, so that a vanished viewer is noticed."""


class Pushes:
    """The streams that are open, of which there may be so many.

    They end when the switch is ``draining``, and when who asked for them is not signed in any more, which ``knows`` tells.
    """

    def __init__(self, draining: Callable[[], bool], knows: Callable[[Request], bool]) -> None:
        self._draining = draining
        self._knows = knows
        self._open = 0

    def begin(self, request: Request, messages: AsyncIterator[str]) -> Response:
        """Push messages, of which an empty one says that there is nothing new; 503 when too many look already."""
        if self._open >= MOST_VIEWERS:
            return JSONResponse({"message": "Too many look already."}, 503)
        events = self._events(request, messages)
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def _events(self, request: Request, messages: AsyncIterator[str]) -> AsyncIterator[str]:
        loop = asyncio.get_running_loop()
        self._open += 1
        sent = loop.time()
        try:
            yield "retry: 1000\n\n"
            async for message in messages:
                if message:
                    sent = loop.time()
                    yield f"data: {message}\n\n"
                elif loop.time() - sent > QUIET_SECONDS:
                    sent = loop.time()
                    yield ": \n\n"
                if self._draining() or not self._knows(request):
                    break  # or the server would wait for its viewers; the page asks again until it is gone
        finally:
            self._open -= 1
