"""A short tune, made of sines, as a WAV file."""

from __future__ import annotations

import io
import math
import struct
import wave
from functools import cache

RATE = 8000
NOTES = [(523, 0.3), (659, 0.3), (784, 0.3), (1047, 0.6), (784, 0.3), (1047, 0.9)]
"""Hertz and seconds: a C major arpeggio."""


@cache
def wav() -> bytes:
    """Mono, 16 bits, 8 kHz."""
    samples = [sample for pitch, seconds in NOTES for sample in note(pitch, seconds)]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def note(pitch: float, seconds: float) -> list[int]:
    """One note that dies away."""
    count = round(RATE * seconds)
    return [round(9000 * math.exp(-3 * i / count) * math.sin(2 * math.pi * pitch * i / RATE)) for i in range(count)]
