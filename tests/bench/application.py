"""An application for the audio of many calls, fast enough not to be what is measured, that looks at its clock."""

from __future__ import annotations

import asyncio
import time
from array import array
from typing import cast

import numpy as np
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.speedups import apply_mask

FRAME_MILLISECONDS = 20.0


class Gaps:
    """How long it takes from one message of a call to its next one, of all calls."""

    def __init__(self) -> None:
        self._milliseconds = array("f")

    def add(self, seconds: float) -> None:
        """Note one."""
        self._milliseconds.append(1000 * seconds)

    def take(self) -> dict[str, float]:
        """What was noted since the last time: how many, and how far off the 20 ms of a frame they were."""
        gaps, self._milliseconds = np.frombuffer(self._milliseconds, np.float32), array("f")
        off = np.abs(gaps - FRAME_MILLISECONDS) if gaps.size else np.zeros(1)
        p50, p95, worst = np.percentile(off, (50, 95, 100))
        return {"count": gaps.size, "p50": float(p50), "p95": float(p95), "worst": float(worst)}


class Application(asyncio.Protocol):
    """One stream: its media messages are timed, and sent back where the path is ``/echo``."""

    def __init__(self, gaps: Gaps) -> None:
        self._gaps = gaps
        self._protocol = ServerProtocol()
        self._transport: asyncio.Transport
        self._open = self._echoes = False
        self._unread = b""
        self._before = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the handshake."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take frames."""
        if self._open:
            self._read(self._unread + data)
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._open, self._echoes = True, event.path == "/echo"
                self._protocol.send_response(self._protocol.accept(event))
                self._transport.writelines(self._protocol.data_to_send())

    def _read(self, data: bytes) -> None:
        """What a switch sends: masked frames of less than 64 kB, none in pieces."""
        place, end = 0, len(data)
        while end - place >= 6:
            begin, length = place + 6, data[place + 1] & 127
            if length == 126:
                begin, length = place + 8, int.from_bytes(data[place + 2 : place + 4], "big")
            if begin + length > end:
                break
            self._take(data[place], apply_mask(data[begin : begin + length], data[begin - 4 : begin]))
            place = begin + length
        self._unread = data[place:]

    def _take(self, head: int, payload: bytes) -> None:
        if head == 0x88:
            self._transport.write(b"\x88%c%b" % (len(payload), payload))
            self._transport.close()
        elif head == 0x89:
            self._transport.write(b"\x8a%c%b" % (len(payload), payload))
        elif payload.startswith(b'{"event":"media"'):
            self._time()
            if self._echoes:
                self._echo(payload)

    def _time(self) -> None:
        now = time.monotonic()
        if self._before:
            self._gaps.add(now - self._before)
        self._before = now

    def _echo(self, payload: bytes) -> None:
        begin = payload.index(b'"payload":"') + 11
        if not self._answer:
            sid = payload[payload.index(b'"streamSid":"') + 13 :].partition(b'"')[0]
            self._answer = b'{"event":"media","streamSid":"' + sid + b'","media":{"payload":"%b"}}'
        text = self._answer % payload[begin : payload.index(b'"', begin)]
        self._transport.write(b"\x81\x7e" + len(text).to_bytes(2, "big") + text)
