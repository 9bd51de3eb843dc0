"""The WebSocket that pages connect to: ``/signal``, below any prefix."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from sip.addresses import bracketed
from voice.bucket import Bucket
from voice.clients.edge import edge_of
from voice.clients.messages import KEEP_ALIVE, LONGEST_FRAME
from voice.clients.reception import Reception, Visitor

MOST_WAITING = 256
"""Frames on their way to a page that does not read."""
FRAMES_PER_SECOND, BURST = 50, 200
"""What a page may say."""
MOST_PAGES = 5_000
GOODBYE_SECONDS = 1.0
"""That a page may take to read why it is sent away."""
POLICY_VIOLATION = 1008

_log = structlog.get_logger("pages")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take on a connection, in seconds."""

    keep_alive: float = 5.0
    """Between signs of life; the SDK comes anew when it hears nothing for 15 s."""
    silence: float = 20.0
    """A page that says nothing for so long is gone: it answers each sign of life."""
    listen: float = 10.0
    """That a page may take to show a token."""


class Socket:
    """One connection: frames one way and the other, and signs of life."""

    def __init__(self, websocket: WebSocket, reception: Reception, pace: Pace) -> None:
        self._pace = pace
        self._websocket = websocket
        host, query = websocket.headers.get("host", ""), websocket.url.query
        edge = edge_of(host, websocket.url.path, query)
        self._visitor = Visitor(reception, self._send, self._leave, edge, _source(websocket))
        self._waiting: deque[str] = deque()
        self._wake = asyncio.Event()
        self._full = asyncio.Event()
        self._leaving = False
        self._heard = asyncio.get_running_loop().time()
        self._credit = Bucket(FRAMES_PER_SECOND, BURST, self._heard)

    async def serve(self) -> None:
        """Until either side closes."""
        await self._websocket.accept()
        tasks = [asyncio.create_task(work) for work in (self._read(), self._write(), self._watch(), self._full.wait())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if error := task.exception():
                    _log.error("internal failure", exc_info=error)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._visitor.lost()
            await self._close()

    def _send(self, frame: str) -> None:
        self._waiting.append(frame)
        if len(self._waiting) > MOST_WAITING:
            self._full.set()  # Whoever does not read will not miss anything.
        self._wake.set()

    def _leave(self) -> None:
        self._leaving = True
        self._wake.set()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                frame = await self._websocket.receive_text()
            except (WebSocketDisconnect, KeyError):
                return
            self._heard = loop.time()
            if not self._credit.take(self._heard) or len(frame) > LONGEST_FRAME:
                return
            if not self._leaving:
                self._visitor.receive(frame)

    async def _write(self) -> None:
        while not (self._leaving and not self._waiting):
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                await self._websocket.send_text(self._waiting.popleft())

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._pace.listen
        while loop.time() - self._heard < self._pace.silence:
            await asyncio.sleep(self._pace.keep_alive)
            if self._visitor.device is None and loop.time() > deadline:
                return
            self._send(KEEP_ALIVE)

    async def _close(self) -> None:
        if self._websocket.application_state is WebSocketState.CONNECTED:
            with contextlib.suppress(RuntimeError, OSError, TimeoutError, WebSocketDisconnect):
                async with asyncio.timeout(GOODBYE_SECONDS):
                    await self._websocket.close(1000 if self._leaving else POLICY_VIOLATION)


def _source(websocket: WebSocket) -> str:
    """``address:port`` of a page, or of the proxy before us."""
    host, port = websocket.client or ("", 0)
    return f"{bracketed(host)}:{port}"


USUAL = Pace()


def make_signalling(reception: Reception, pace: Pace = USUAL) -> list[BaseRoute]:
    """The routes of pages."""
    live = 0

    async def signal(websocket: WebSocket) -> None:
        nonlocal live
        if live >= MOST_PAGES or not reception.strangers.asks(_source(websocket), websocket.headers.get("user-agent", "")):
            await websocket.close(POLICY_VIOLATION)
            return
        live += 1
        try:
            await Socket(websocket, reception, pace).serve()
        finally:
            live -= 1

    return [WebSocketRoute("/signal", signal), WebSocketRoute("/{prefix:path}/signal", signal)]
