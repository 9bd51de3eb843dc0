"""A page in a call that costs little: the Voice SDK's signalling, one connection, and packets made beforehand."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from media.g711 import encode_mulaw
from media.webrtc.description import Ours, Theirs, parse_description, write_answer, write_offer
from media.webrtc.link import Link
from media.webrtc.opus import Opus
from media.webrtc.packet import Packet, write_packet
from media.webrtc.ports import Ports
from media.webrtc.terms import Terms

_TYPES = {"PCMU": 0, "opus": 111}
_STEPS = {"PCMU": 160, "opus": 960}
_FRAMES = 50
_REMEMBERED = 3000
_TERMS = Terms(bind="127.0.0.1")
_PORTS = Ports(0, 0)


def payloads(codec: str) -> list[bytes]:
    """A second of noise that swells and fades."""
    noise = np.random.default_rng(2).normal(0, 2000, (_FRAMES, 160)) * np.sin(np.arange(_FRAMES) / 4)[:, None]
    frames = noise.astype(np.int16)
    if codec == "PCMU":
        return [encode_mulaw(frame).tobytes() for frame in frames]
    encoder = Opus(8000)
    return [encoder.encode(frame.tobytes()) for frame in frames]


class Page:
    """One page and its only call; see Listener. Used with ``async with``, signed in from there on."""

    def __init__(self, url: str, token: str, codec: str = "PCMU") -> None:
        self.up = asyncio.Event()
        self.came: deque[float] = deque(maxlen=_REMEMBERED)
        """When the last packets came."""
        self.on_packet: Callable[[Packet], None] = lambda packet: None
        self._url = url
        self._token = token
        self._codec = codec
        self._source = secrets.randbelow(1 << 31) + 1
        self._sent = 0
        self._link: Link | None = None
        self._socket: ClientConnection
        self._reading: asyncio.Task[None]
        self._ready = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._socket = await connect(self._url)
        self._reading = asyncio.create_task(self._read())
        await self._send("listen", token=self._token, browserinfo={})
        await asyncio.wait_for(self._ready.wait(), 10)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._socket.close()
        await self._reading
        if self._link is not None:
            await self._link.close()

    async def register(self) -> None:
        """Want to be called; the first call is accepted."""
        self._ready.clear()
        await self._send("register", media={"audio": True})
        await asyncio.wait_for(self._ready.wait(), 10)

    async def call(self) -> None:
        """Call the application of the token."""
        link = await self._gather(controlling=True)
        await self._send("invite", callsid=f"TJS{uuid.uuid4()}", sdp=write_offer(self._ours(link, "actpass")), twilio={})

    def speak(self, payload: bytes) -> None:
        """Send the next 20 ms."""
        if self._link is not None and self.up.is_set():
            kind, at = _TYPES[self._codec], self._sent * _STEPS[self._codec]
            self._link.send(write_packet(kind, not self._sent, self._sent, at, self._source, payload))
            self._sent += 1

    def link_up(self, link: Link) -> None:
        self.up.set()

    def link_failed(self, link: Link, reason: str) -> None:
        self.up.clear()

    def link_lost(self, link: Link, reason: str) -> None:
        self.up.clear()

    def hear(self, packet: Packet) -> None:
        self.came.append(time.monotonic())
        self.on_packet(packet)

    def hear_report(self, data: bytes) -> None:
        """Nothing of it matters here."""

    async def _gather(self, controlling: bool) -> Link:
        link = self._link = Link(_TERMS, _PORTS, controlling, self)
        await link.gather()
        return link

    def _ours(self, link: Link, setup: str) -> Ours:
        """Without candidates, as Chromium's."""
        codecs = ((_TYPES[self._codec], self._codec),)
        return Ours(1, codecs, link.username, link.password, link.fingerprints, setup, (), "0.0.0.0", 9, self._source)

    async def _send(self, kind: str, **payload: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, "version": "1.6", "payload": payload}))

    async def _read(self) -> None:
        async for text in self._socket:
            if text == "\n":
                await self._socket.send("\n")
                continue
            message = json.loads(text)
            await self._take(message["type"], message.get("payload", {}))

    async def _take(self, kind: str, payload: dict[str, Any]) -> None:
        if kind in ("connected", "ready"):
            self._ready.set()
        elif kind in ("ringing", "answer") and "sdp" in payload and self._link is not None:
            self._begin(self._link, parse_description(payload["sdp"]))
        elif kind == "invite":
            link = await self._gather(controlling=False)
            theirs = parse_description(payload["sdp"])
            await self._send("answer", callsid=payload["callsid"], sdp=write_answer(self._ours(link, "active"), theirs))
            link.begin(theirs, "active")

    def _begin(self, link: Link, theirs: Theirs) -> None:
        if not self.up.is_set() and not link.begun:
            link.begin(theirs, "passive" if theirs.setup == "active" else "active")
