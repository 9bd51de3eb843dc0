"""The short sounds that tell people in a room that somebody came or went, and the one that covers a word."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from media.frame import Samples

AMPLITUDE = 5000
"""About -16 dBm0: heard through talk, not louder than it."""
ENTRY = (523.0, 784.0)
EXIT = (784.0, 523.0)
"""Hertz of the two halves: up for who comes, down for who goes; none is a frequency of a key, a dial tone or a fax."""
BLEEP = 1000.0
HALF_SECONDS = 0.15
RAMP_SECONDS = 0.01
"""Rise and fall of each half, against clicks."""


def entry(rate: int) -> Samples:
    """Somebody has come in; read-only, at ``rate`` samples per second."""
    return _pair(ENTRY, rate)


def exit(rate: int) -> Samples:
    """Somebody has left; read-only, at ``rate`` samples per second."""
    return _pair(EXIT, rate)


def bleep(seconds: float, rate: int) -> Samples:
    """What is heard in place of a word that is not to be heard."""
    return _shaped([BLEEP], seconds, rate)


@lru_cache(maxsize=8)
def _pair(frequencies: tuple[float, float], rate: int) -> Samples:
    samples = _shaped(frequencies, HALF_SECONDS, rate)
    samples.flags.writeable = False
    return samples


def _shaped(frequencies: Iterable[float], seconds: float, rate: int) -> Samples:
    """Tones of so many seconds, one after the other."""
    time = np.arange(round(seconds * rate)) / rate
    ramp = np.minimum(1, np.minimum(time, time[::-1]) / RAMP_SECONDS)
    tones = [AMPLITUDE * ramp * np.sin(2 * np.pi * frequency * time) for frequency in frequencies]
    samples: Samples = np.rint(np.concatenate(tones)).astype(np.int16)
    return samples
