"""Between 8 and 16 kHz: what is heard stays what it was, whatever the pieces it comes in."""

from __future__ import annotations

import numpy as np
import pytest

from media.frame import Samples
from media.rate import DOUBLING, HALVING, double, halve


def tone(hz: float, rate: int, count: int) -> Samples:
    return (8000 * np.sin(2 * np.pi * hz * np.arange(count) / rate)).astype(np.int16)


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples[200:].astype(float) ** 2)))


def halved(samples: Samples) -> Samples:
    return halve(np.zeros(HALVING, np.int16), samples)


def doubled(samples: Samples) -> Samples:
    return double(np.zeros(DOUBLING, np.int16), samples)


def pitch(samples: Samples, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    return float(np.argmax(spectrum) * rate / samples.size)


@pytest.mark.parametrize("hz", [200, 1000, 3000])
def test_speech_keeps_its_pitch_and_its_loudness(hz: int) -> None:
    high, low = tone(hz, 16000, 16000), tone(hz, 8000, 8000)
    assert halved(high).size == 8000
    assert doubled(low).size == 16000
    assert pitch(halved(high), 8000) == hz == pitch(doubled(low), 16000)
    assert loudness(halved(high)) == pytest.approx(loudness(low), rel=0.02)
    assert loudness(doubled(low)) == pytest.approx(loudness(high), rel=0.02)


def test_what_a_telephone_cannot_carry_does_not_come_back_as_something_else() -> None:
    """6 kHz would be heard as 2 kHz."""
    assert loudness(halved(tone(6000, 16000, 16000))) < 10


def test_there_is_no_image_above_the_speech() -> None:
    spectrum = np.abs(np.fft.rfft(doubled(tone(1000, 8000, 8000)) * np.hanning(16000)))
    assert spectrum[5000:].max() < spectrum.max() / 1000


def test_frames_are_the_same_as_all_at_once() -> None:
    low, high = tone(440, 8000, 1600), tone(440, 16000, 3200)
    before, pieces = np.zeros(HALVING, np.int16), []
    for frame in high.reshape(10, 320):
        pieces.append(halve(before, frame))
        before = frame[-HALVING:]
    assert np.array_equal(np.concatenate(pieces), halved(high))
    before, pieces = np.zeros(DOUBLING, np.int16), []
    for frame in low.reshape(10, 160):
        pieces.append(double(before, frame))
        before = frame[-DOUBLING:]
    assert np.array_equal(np.concatenate(pieces), doubled(low))


def test_any_number_of_voices_at_once() -> None:
    voices = np.stack([tone(hz, 16000, 320) for hz in (300, 400, 500)])
    together = halve(np.zeros((3, HALVING), np.int16), voices)
    assert np.array_equal(together, np.stack([halved(voice) for voice in voices]))
    again = double(np.zeros((3, DOUBLING), np.int16), together)
    assert np.array_equal(again, np.stack([doubled(voice) for voice in together]))


def test_the_loudest_does_not_wrap_around() -> None:
    square = np.repeat(np.tile(np.array([32767, -32768], np.int16), 40), 8)
    assert doubled(square).max() == 32767
    assert doubled(square).min() == -32768
    assert halved(square).max() == 32767
