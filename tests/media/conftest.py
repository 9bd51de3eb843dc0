from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.frame import Samples


@pytest.fixture
def sine() -> Callable[..., Samples]:
    """``sine(hertz, seconds, rate=8000, amplitude=8000)``."""

    def make(hertz: float, seconds: float, rate: int = 8000, amplitude: float = 8000) -> Samples:
        time = np.arange(round(seconds * rate)) / rate
        return np.rint(amplitude * np.sin(2 * np.pi * hertz * time)).astype(np.int16)

    return make


@pytest.fixture
def pitch() -> Callable[[Samples, int], float]:
    """The strongest frequency, in hertz, away from the edges."""

    def find(samples: Samples, rate: int) -> float:
        middle = samples[samples.size // 10 : samples.size * 9 // 10].astype(float)
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(middle.size)))
        return float(spectrum.argmax() * rate / middle.size)

    return find


@pytest.fixture(scope="session")
def speech() -> Callable[..., Samples]:
    """``speech(text, voice="en-us", rate=8000)``: what espeak says."""
    import soxr

    from media.speech.espeak import Espeak

    engine = Espeak()

    def say(text: str, voice: str = "en-us", rate: int = 8000) -> Samples:
        samples = np.concatenate(list(engine.speak(text, voice)))
        return np.asarray(soxr.resample(samples, engine.rate, rate), np.int16)

    return say
