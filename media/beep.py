"""The short sounds that tell people in a room that somebody came or went."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from media.frame import Samples

AMPLITUDE = 5000
"""About -16 dBm0: heard through talk, not louder than it."""
ENTRY = (523.0, 784.0)
EXIT = (784.0, 523.0)
"""Hertz of the two halves: up for who comes, down for who goes; none is a frequency of a key, a dial tone or a fax."""
HALF_SECONDS = 0.15
RAMP_SECONDS = 0.01
"""Rise and fall of each half, against clicks."""


def entry(rate: int) -> Samples:
    """Somebody has come in; read-only, at ``rate`` samples per second."""
    return _pair(ENTRY, rate)


def exit(rate: int) -> Samples:
    """Somebody has left; read-only, at ``rate`` samples per second."""
    return _pair(EXIT, rate)


@lru_cache(maxsize=8)
def _pair(frequencies: tuple[float, float], rate: int) -> Samples:
    time = np.arange(round(HALF_SECONDS * rate)) / rate
    ramp = np.minimum(1, np.minimum(time, time[::-1]) / RAMP_SECONDS)
    halves = [AMPLITUDE * ramp * np.sin(2 * np.pi * frequency * time) for frequency in frequencies]
    samples: Samples = np.rint(np.concatenate(halves)).astype(np.int16)
    samples.flags.writeable = False
    return samples
