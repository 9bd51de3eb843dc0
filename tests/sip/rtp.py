"""Sockets that speak RTP packet by packet, from wherever and as whoever they like."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time

import numpy as np

from media.g711 import encode_mulaw
from tests.sip.patience import patient
from tests.sip.sound import SAMPLES, Tone


class Speaker:
    """Says a tone to a port, 20 ms at a time, and counts what comes back; PCMU."""

    def __init__(self, to: tuple[str, int], hz: int, *, ssrc: int, sequence: int = 1, payload: int = 0, local: str = "") -> None:
        self.sequence = sequence
        self.step = 1
        """Of the sequence; more than a few make it no stream."""
        self.heard = 0
        """Packets that have come back."""
        self.to, self._tone, self._ssrc, self._payload = to, Tone(hz), ssrc, payload
        self.socket = socket.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((local or ("::1" if ":" in to[0] else "127.0.0.1"), 0))
        self.socket.setblocking(False)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._speak)

    def __enter__(self) -> Speaker:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._thread.join()
        self.socket.close()

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    def _speak(self) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            header = struct.pack(
                "!BBHII", 0x80, self._payload, self.sequence & 0xFFFF, self.sequence * SAMPLES & 0xFFFFFFFF, self._ssrc
            )
            self.socket.sendto(header + encode_mulaw(np.asarray(self._tone.next())).tobytes(), self.to)
            self.sequence += self.step
            due += 0.02
            with contextlib.suppress(BlockingIOError):
                while self.socket.recv(2_000):
                    self.heard += 1


@patient
async def is_answered(speaker: Speaker) -> None:
    """Wait until more comes back."""
    before = speaker.heard
    while speaker.heard < before + 5:
        await asyncio.sleep(0.02)
