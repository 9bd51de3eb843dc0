from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.dtmf import HIGH, KEYS, LOW, DigitDetector, tones
from media.frame import Samples


def press(
    key: str,
    milliseconds: float,
    *,
    rate: int = 8000,
    low: float = 5000,
    high: float = 5000,
    detune: float = 0.0,
    offset: int = 0,
    after: int = 800,
) -> Samples:
    """One key after ``offset`` samples of silence, with its frequencies wrong by a factor of ``1 + detune``."""
    row, column = divmod(KEYS.index(key), 4)
    time = np.arange(round(milliseconds * rate / 1000)) / rate * 2 * np.pi * (1 + detune)
    wave = low * np.sin(LOW[row] * time + offset) + high * np.sin(HIGH[column] * time)
    return np.concatenate((np.zeros(offset), wave, np.zeros(after))).astype(np.int16)


def hear(samples: Samples, rate: int = 8000) -> str:
    size = rate // 50
    padded = np.concatenate((samples, np.zeros(3 * size, np.int16)))
    detector = DigitDetector(1, rate)
    detector.enable(0, True)
    frames = padded[: padded.size // size * size].reshape(-1, 1, size)
    return "".join(key for frame in frames for _, key in detector.detect(frame))


@pytest.mark.parametrize("rate", [8000, 16000])
def test_tones_are_recovered(rate: int) -> None:
    assert hear(tones(KEYS, rate), rate) == KEYS
    assert hear(tones("1122##", rate), rate) == "1122##"


def test_tones_have_their_frequencies_and_times_and_do_not_clip() -> None:
    samples = tones("5", 8000)
    assert samples.size == 1280
    assert not samples[800:].any()
    assert np.abs(samples.astype(int)).max() < 17000
    spectrum = np.abs(np.fft.rfft(samples[:800].astype(float)))
    assert sorted(np.argsort(spectrum)[-2:] * 10) == [770, 1340]


def test_tones_of_nothing_are_nothing() -> None:
    assert tones("", 8000).size == 0
    assert tones("a", 8000).tolist() == tones("A", 8000).tolist()


@pytest.mark.parametrize("digits", ["E", "1w", " ", "é"])
def test_tones_of_other_characters_are_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        tones(digits, 8000)


@pytest.mark.parametrize("detune", [-0.015, 0.0, 0.015])
@pytest.mark.parametrize("key", KEYS)
def test_forty_milliseconds_are_a_key_and_twentythree_are_not(key: str, detune: float) -> None:
    """Q.24 table 1: frequencies off by up to 1.5 %, wherever the frames begin."""
    for offset in range(0, 160, 9):
        assert hear(press(key, 40, detune=detune, offset=offset)) == key
        assert hear(press(key, 23, detune=detune, offset=offset)) == ""


@given(st.text(KEYS, min_size=1, max_size=6), st.integers(0, 159), st.integers(45, 120), st.integers(45, 120))
@settings(max_examples=50, deadline=None)
def test_any_row_of_keys_is_heard_as_it_was_pressed(keys: str, offset: int, on: int, off: int) -> None:
    parts = [np.zeros(offset, np.int16)] + [press(key, on, after=off * 8) for key in keys]
    assert hear(np.concatenate(parts)) == keys


@pytest.mark.parametrize("decibels", [-8, -4, 0, 4])
def test_twist_within_the_limits_is_accepted(decibels: float) -> None:
    assert hear(press("5", 60, high=5000 * 10 ** (decibels / 20))) == "5"


@pytest.mark.parametrize("decibels", [-14, 9])
def test_twist_far_beyond_the_limits_is_refused(decibels: float) -> None:
    assert hear(press("5", 60, low=3000, high=3000 * 10 ** (decibels / 20))) == ""


def test_quiet_keys_are_heard_and_whispers_are_not() -> None:
    assert hear(press("5", 60, low=400, high=400)) == "5"
    assert hear(press("5", 60, low=150, high=150)) == ""
    assert hear(press("5", 60, low=16000, high=16000)) == "5"


def test_keys_are_heard_through_noise_15_db_below() -> None:
    noise = np.random.default_rng(7)
    for key in KEYS:
        samples = press(key, 60, detune=0.01).astype(float)
        samples += noise.normal(0, 5000 * 10 ** (-15 / 20), samples.size)
        assert hear(samples.astype(np.int16)) == key


def test_a_long_press_with_a_short_interruption_is_one_key() -> None:
    for offset in range(0, 160, 23):
        samples = np.concatenate((press("5", 300, offset=offset, after=80), press("5", 300)))
        assert hear(samples) == "5"


def test_another_key_without_a_pause_is_another_key() -> None:
    assert hear(np.concatenate((press("5", 80, after=0), press("6", 80)))) == "56"


@pytest.mark.parametrize(
    "frequencies", [(697,), (1336,), (770, 852), (1209, 1477), (440, 480), (350, 440), (425,), (1100,), (2100,)]
)
def test_other_tones_are_not_keys(frequencies: tuple[float, ...]) -> None:
    time = np.arange(8000) / 8000 * 2 * np.pi
    wave = sum(6000 * np.sin(frequency * time) for frequency in frequencies)
    assert hear(np.asarray(wave).astype(np.int16)) == ""


def test_noise_is_not_a_key() -> None:
    assert hear(np.random.default_rng(3).normal(0, 6000, 60 * 8000).clip(-32768, 32767).astype(np.int16)) == ""


@pytest.mark.parametrize("voice", ["en-us", "en-us+f3", "de", "es+f2", "fr+m3", "cmn+f3", "ja"])
def test_speech_is_not_a_key(speech: Callable[..., Samples], voice: str) -> None:
    text = (
        "Press one for sales, two for support, three for billing, or zero to speak to an operator. "
        "Oooh, eeee, aaah, you are in the queue. Were you away a year ago? Moaning, humming, singing: na na na, la la la. "
        "0 1 2 3 4 5 6 7 8 9. Peter Piper picked a peck of pickled peppers; she sells sea shells by the sea shore."
    )
    assert hear(speech(text, voice)) == ""


def test_rows_are_heard_apart_and_only_where_enabled() -> None:
    detector = DigitDetector(4, 8000)
    for row in (0, 2, 3):
        detector.enable(row, True)
    frames = np.stack([tones("12", 8000), tones("34", 8000), tones("56", 8000), np.zeros(2560, np.int16)]).reshape(4, -1, 160)
    heard = [entry for i in range(frames.shape[1]) for entry in detector.detect(frames[:, i])]
    assert heard == [(0, "1"), (2, "5"), (0, "2"), (2, "6")]


def test_a_detector_that_is_enabled_again_has_forgotten() -> None:
    detector = DigitDetector(1, 8000)
    frames = press("5", 200).reshape(-1, 1, 160)
    detector.enable(0, True)
    assert [key for frame in frames[:5] for _, key in detector.detect(frame)] == ["5"]
    detector.enable(0, False)
    assert detector.detect(frames[5]) == []
    detector.enable(0, True)
    assert [key for frame in frames[6:10] for _, key in detector.detect(frame)] == ["5"]
