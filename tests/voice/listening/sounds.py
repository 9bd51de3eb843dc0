"""What callers let be heard."""

from __future__ import annotations

import numpy as np

from media.frame import Samples
from tests.media.recordings import said


def voice(*parts: str | float | Samples) -> Samples:
    """Words, seconds of silence, and other sounds."""
    pieces = []
    for part in parts:
        match part:
            case str():
                pieces.append((16_000 * said(part, "en-us")).astype(np.int16))
            case float():
                pieces.append(np.zeros(round(8000 * part), np.int16))
            case _:
                pieces.append(part)
    return np.concatenate(pieces)


def cough() -> Samples:
    """80 ms of noise."""
    return np.random.default_rng(1).normal(0, 4000, 640).astype(np.int16)


def noise(seconds: float) -> Samples:
    """A car that passes: loud, without words."""
    return np.random.default_rng(2).normal(0, 2000, round(8000 * seconds)).astype(np.int16)
