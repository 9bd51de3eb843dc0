"""The WebSocket that pages connect to: ``/signal``, below any prefix."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice.clients.edge import edge_of
from voice.clients.messages import KEEP_ALIVE, LONGEST_FRAME
from voice.clients.reception import Reception, Visitor

KEEP_ALIVE_SECONDS = 5.0
"""The SDK comes anew when it hears nothing for 15 s."""
SILENT_SECONDS = 20.0
"""A page that says nothing for so long is gone: it answers each sign of life."""
LISTEN_SECONDS = 10.0
"""How long it may take to show a token."""
MOST_WAITING = 256
"""Frames on their way to a page that does not read."""
FRAMES_PER_SECOND, BURST = 50, 200
"""What a page may say."""
MOST_PAGES = 5_000
POLICY_VIOLATION, GOING_AWAY, TOO_BIG, TRY_LATER = 1008, 1001, 1009, 1013


class Socket:
    """One connection: frames one way and the other, and signs of life."""

    def __init__(self, websocket: WebSocket, reception: Reception) -> None:
        self._websocket = websocket
        host, query = websocket.headers.get("host", ""), websocket.url.query
        self._visitor = Visitor(reception, self._send, self._leave, edge_of(host, websocket.url.path, query))
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._leaving = False
        self._heard = asyncio.get_running_loop().time()
        self._credit = float(BURST)

    async def serve(self) -> None:
        """Until either side closes."""
        await self._websocket.accept()
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait({reading, writing, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, writing, watching):
                task.cancel()
            await asyncio.gather(reading, writing, watching, return_exceptions=True)
            self._visitor.lost()
            await self._close()

    def _send(self, frame: str) -> None:
        if len(self._waiting) >= MOST_WAITING:
            self._leaving = True  # Whoever does not read will not miss anything.
        else:
            self._waiting.append(frame)
        self._wake.set()

    def _leave(self) -> None:
        self._leaving = True
        self._wake.set()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while not self._leaving:
            try:
                frame = await self._websocket.receive_text()
            except (WebSocketDisconnect, KeyError):
                return
            now = loop.time()
            self._credit = min(float(BURST), self._credit + (now - self._heard) * FRAMES_PER_SECOND) - 1
            self._heard = now
            if self._credit < 0 or len(frame) > LONGEST_FRAME:
                return
            self._visitor.receive(frame)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._websocket.send_text(self._waiting.popleft())
            if self._leaving:
                return

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LISTEN_SECONDS
        while loop.time() - self._heard < SILENT_SECONDS:
            await asyncio.sleep(KEEP_ALIVE_SECONDS)
            if self._visitor.device is None and loop.time() > deadline:
                return
            self._send(KEEP_ALIVE)

    async def _close(self) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, OSError, WebSocketDisconnect):
                await self._websocket.close(1000 if self._leaving else POLICY_VIOLATION)


def make_signalling(reception: Reception) -> list[BaseRoute]:
    """The routes of pages."""
    live = 0

    async def signal(websocket: WebSocket) -> None:
        nonlocal live
        if live >= MOST_PAGES:
            await websocket.close(TRY_LATER)
            return
        live += 1
        try:
            await Socket(websocket, reception).serve()
        finally:
            live -= 1

    return [WebSocketRoute("/signal", signal), WebSocketRoute("/{prefix:path}/signal", signal)]
