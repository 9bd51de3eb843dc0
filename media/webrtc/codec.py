"""The codecs of browsers, one object for each peer."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from media.frame import FRAMES_PER_SECOND, Samples
from media.g711 import decode_mulaw
from media.webrtc.opus import Opus


class Codec(Protocol):
    """Both directions of one codec."""

    name: str
    clock: int
    """Timestamps per second (RFC 3551, RFC 7587)."""
    rate: int
    """Samples per second of what is decoded and encoded."""

    @property
    def step(self) -> int:
        """Timestamps of one frame."""

    def decode(self, payload: bytes) -> Samples:
        """The samples of a payload; none of one that is malformed."""

    def encode(self, frame: bytes) -> bytes:
        """The payload of one frame, which is linear samples, or codes where the lane has made them for all.

        One of another size is silence: of none, or of one left from before the codec was changed.
        """


_MOST_CODES = 960
"""Of one packet: 120 ms."""
_SILENCE = b"\xff" * (8000 // FRAMES_PER_SECOND)


class Mulaw:
    """PCMU: frames are encoded by the lane, for all peers at once."""

    name = "PCMU"
    clock = rate = 8000
    step = 8000 // FRAMES_PER_SECOND

    def decode(self, payload: bytes) -> Samples:
        return decode_mulaw(np.frombuffer(payload[:_MOST_CODES], np.uint8))

    def encode(self, frame: bytes) -> bytes:
        return frame if len(frame) == self.step else _SILENCE


def make_codec(name: str, rate: int) -> Codec:
    """The codec of that name, for a bus of ``rate``."""
    if name == "PCMU":
        return Mulaw()
    if name == "opus":
        return Opus(rate)
    raise ValueError(f"there is no codec {name}")
