"""Tones to say and frequencies to recognise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

RATE = 8000
SAMPLES = RATE // 50
AUDIBLE = 300
"""Root mean square, in int16 units."""


class Tone:
    """An endless sine, 20 ms at a time."""

    AMPLITUDE = 8000

    def __init__(self, hz: float) -> None:
        self.hz = hz
        self._at = 0

    def next(self) -> np.ndarray[Any, np.dtype[np.int16]]:
        time = (self._at + np.arange(SAMPLES)) / RATE
        self._at += SAMPLES
        return (self.AMPLITUDE * np.sin(2 * np.pi * self.hz * time)).astype(np.int16)


def tone(hz: float, seconds: int) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A sine that ends."""
    endless = Tone(hz)
    return np.concatenate([endless.next() for _ in range(50 * seconds)])


def mixed(samples: np.ndarray[Any, Any], candidates: Iterable[int]) -> list[int]:
    """Which of some frequencies are in a sum of tones, each about as loud as a Tone."""
    wave = samples.astype(float) * np.hanning(len(samples))
    time = np.arange(len(samples)) / RATE
    strength = {hz: 4 * abs(np.mean(wave * np.exp(-2j * np.pi * hz * time))) for hz in candidates}
    return [hz for hz, amplitude in strength.items() if amplitude > Tone.AMPLITUDE / 4]


def dominant(samples: np.ndarray[Any, Any]) -> int:
    """The strongest frequency to the nearest 50 Hz; 0 for silence."""
    wave = samples.astype(float)
    if not len(wave) or np.sqrt(np.mean(wave**2)) < AUDIBLE:
        return 0
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return int(round(np.argmax(spectrum) * RATE / len(wave) / 50) * 50)
