"""Opus (RFC 6716) at the rate of the bus, by libopus in PyAV; one voice each way."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler

from media.frame import Samples, frame_size

_CLOCK = 48000
_LONGEST = 1500
"""Bytes of a payload: what a packet can hold."""
_BITS = 3
"""For each sample: with fewer, libopus leaves out what makes up for lost packets."""
_OPTIONS = {"application": "voip", "compression_level": "5", "fec": "1", "packet_loss": "5"}
"""Each packet carries enough to mend the loss of the one before, which browsers do."""
_NONE: Samples = np.zeros(0, np.int16)


class Opus:
    """A decoder and an encoder; see Codec."""

    name = "opus"
    clock = _CLOCK
    step = _CLOCK // 50

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._samples = frame_size(rate)
        self._decoder = _context("r", _CLOCK)
        self._resampler = AudioResampler(format="s16", layout="mono", rate=rate)
        self._encoder = _context("w", rate)
        self._encoder.bit_rate = _BITS * rate
        self._encoder.time_base = Fraction(1, rate)
        self._encoder.options = _OPTIONS
        self._said = 0

    def decode(self, payload: bytes) -> Samples:
        if not 0 < len(payload) <= _LONGEST:
            return _NONE
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return _NONE
        pieces = [piece.to_ndarray()[0] for frame in frames for piece in self._resampler.resample(frame)]
        return np.concatenate(pieces) if pieces else _NONE

    def encode(self, frame: bytes) -> bytes:
        if len(frame) != 2 * self._samples:
            frame = bytes(2 * self._samples)
        audio = av.AudioFrame(format="s16", layout="mono", samples=self._samples)
        audio.planes[0].update(frame)
        audio.sample_rate, audio.pts = self.rate, self._said
        self._said += self._samples
        return b"".join(bytes(packet) for packet in self._encoder.encode(audio))


def _context(mode: Literal["r", "w"], rate: int) -> AudioCodecContext:
    context = av.CodecContext.create("libopus", mode)
    context.sample_rate, context.layout, context.format = rate, "mono", "s16"
    return context
