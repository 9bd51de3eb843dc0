"""Far ends that send and take audio of any codec in packets of any length."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import socket
import struct
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import numpy as np

from tests.sip.sound import Tone

SECONDS = 1
"""Of sound, which is repeated."""
_HEADER = 12


@dataclass(frozen=True, slots=True)
class Codec:
    """One encoding of RTP (RFC 3551, RFC 7587)."""

    name: str
    payload: int
    rtpmap: str
    encoder: str
    rate: int
    """Of the sound, per second."""
    clock: int
    """Of RTP, per second: 8,000 for G.722, too."""

    def offer(self, host: str, port: int, milliseconds: int) -> str:
        """A description that wants packets of this length."""
        return (
            f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP {self.payload}\r\n"
            f"a=rtpmap:{self.payload} {self.rtpmap}\r\na=ptime:{milliseconds}\r\n"
        )


PCMU = Codec("PCMU", 0, "PCMU/8000", "pcm_mulaw", 8000, 8000)
PCMA = Codec("PCMA", 8, "PCMA/8000", "pcm_alaw", 8000, 8000)
G722 = Codec("G722", 9, "G722/8000", "g722", 16000, 8000)
OPUS = Codec("opus", 96, "opus/48000/2", "libopus", 48000, 48000)
CODECS = (PCMU, PCMA, G722, OPUS)
OPUS_FRAMES = (60, 40, 20, 10)
"""Milliseconds that a frame of Opus can have (RFC 6716 section 2.1.4)."""


@cache
def encode(codec: Codec, hz: int, milliseconds: int) -> tuple[bytes, ...]:
    """A tone as packets of this length."""
    sound = Tone.AMPLITUDE * np.sin(2 * np.pi * hz * np.arange(SECONDS * codec.rate) / codec.rate)
    options = {"frame_duration": str(milliseconds)} if codec is OPUS else {}
    made: Any = av.CodecContext.create(codec.encoder, "w")
    made.sample_rate, made.layout, made.format, made.options = codec.rate, "mono", "s16", options
    made.time_base = fractions.Fraction(1, codec.rate)
    made.open()
    size = codec.rate * milliseconds // 1000
    packets = []
    for start in range(0, len(sound) - size + 1, size):
        frame = av.AudioFrame.from_ndarray(sound[None, start : start + size].astype(np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = codec.rate, start
        packets += [bytes(packet) for packet in made.encode(frame)]
    return tuple(packets)


def decode(codec: Codec, payloads: list[bytes]) -> np.ndarray[Any, Any]:
    """The sound of what was received, at 8 kHz."""
    made: Any = av.CodecContext.create("opus" if codec is OPUS else codec.encoder, "r")
    made.sample_rate, made.layout = codec.rate, "mono"
    resampler = av.AudioResampler("s16", "mono", 8000)
    frames = [frame for payload in payloads for frame in made.decode(av.Packet(payload))]
    return np.concatenate([out.to_ndarray()[0] for frame in frames for out in resampler.resample(frame)])


class CodecPhone:
    """Says a tone in packets of a certain length, and keeps what comes back."""

    def __init__(self, codec: Codec, hz: int, milliseconds: int) -> None:
        self.codec = codec
        self.heard: list[bytes] = []
        """Payloads."""
        self.stamps: list[int] = []
        """Their timestamps."""
        self.to: tuple[str, int] = ("127.0.0.1", 9)
        frames = OPUS_FRAMES if codec is OPUS else (milliseconds,)
        self._milliseconds = next(each for each in frames if each <= milliseconds)
        self._packets = encode(codec, hz, self._milliseconds)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._speak)

    def __enter__(self) -> CodecPhone:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()

    def _speak(self) -> None:
        due, sequence = time.monotonic(), 0
        step = self.codec.clock * self._milliseconds // 1000
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            header = struct.pack("!BBHII", 0x80, self.codec.payload, sequence & 0xFFFF, sequence * step & 0xFFFFFFFF, self.port)
            self._socket.sendto(header + self._packets[sequence % len(self._packets)], self.to)
            sequence += 1
            due += self._milliseconds / 1000
            self._listen()

    def _listen(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while packet := self._socket.recv(2_000):
                if packet[1] & 0x7F == self.codec.payload:
                    self.stamps.append(struct.unpack("!I", packet[4:8])[0])
                    self.heard.append(packet[_HEADER:])

    async def sound(self, milliseconds: int = 600) -> np.ndarray[Any, Any]:
        """What it hears next, at 8 kHz."""
        self.heard.clear()
        self.stamps.clear()
        while len(self.stamps) < 3 or (self.stamps[-1] - self.stamps[0]) & 0xFFFFFFFF < self.codec.clock * milliseconds // 1000:
            await asyncio.sleep(0.02)
        return decode(self.codec, list(self.heard))

    @property
    def packet_milliseconds(self) -> int:
        """Between the packets that were heard, most of the time."""
        steps = [(after - before) & 0xFFFFFFFF for before, after in zip(self.stamps, self.stamps[1:], strict=False)]
        return max(set(steps), key=steps.count) * 1000 // self.codec.clock
