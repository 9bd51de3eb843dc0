from __future__ import annotations

import re

import numpy as np
import pytest

from media.tone import COUNTRIES, ringback

SPEC = re.findall(
    r"[a-z-]+",
    "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se sg th uk us us-old tw ve za",
)
"""Spec section 2.7, ringTone."""


def test_every_country_of_the_specification_has_a_tone() -> None:
    assert set(SPEC) == COUNTRIES


@pytest.mark.parametrize("country", SPEC)
@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_tone_has_sound_and_silence_in_the_speech_band(country: str, rate: int) -> None:
    samples = ringback(country, rate)
    assert samples.dtype == np.int16
    assert 2.5 <= samples.size / rate <= 6.1
    assert 3000 < np.abs(samples.astype(int)).max() <= 6500
    assert not samples[-rate:].any()
    # No click where the period begins again.
    assert abs(int(samples[0])) < 50
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    frequencies = np.fft.rfftfreq(samples.size, 1 / rate)
    assert 350 < frequencies[spectrum.argmax()] < 500


@pytest.mark.parametrize(
    ("country", "frequencies", "on", "period"),
    [
        ("us", (440, 480), 2.0, 6.0),
        ("uk", (400, 450), 0.4, 3.0),
        ("de", (425,), 1.0, 5.0),
        ("fr", (440,), 1.5, 5.0),
        ("jp", (384, 400, 416), 1.0, 3.0),
    ],
)
def test_known_tones(country: str, frequencies: tuple[int, ...], on: float, period: float) -> None:
    samples = ringback(country, 8000)
    assert samples.size == period * 8000
    assert not samples[round(on * 8000) : round((on + 0.15) * 8000)].any()
    burst = samples[: round(on * 8000)].astype(float)
    spectrum = np.abs(np.fft.rfft(burst * np.hanning(burst.size), 80_000))
    peaks = [
        i / 10 for i in range(1, 20_000) if spectrum[i - 1] < spectrum[i] > spectrum[i + 1] and spectrum[i] > spectrum.max() / 5
    ]
    assert peaks == pytest.approx(frequencies, abs=2)


def test_without_a_country_and_for_an_unknown_one_the_tone_is_american() -> None:
    for country in ("", "US", "atlantis"):
        assert ringback(country, 8000).tolist() == ringback("us", 8000).tolist()


def test_a_tone_is_shared_and_cannot_be_changed() -> None:
    assert ringback("fi", 8000) is ringback("fi", 8000)
    with pytest.raises(ValueError, match="read-only"):
        ringback("fi", 8000)[0] = 1
