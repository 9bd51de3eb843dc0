from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.frame import Samples, frame_size
from media.meter import BLOCK_MS, SILENCE, Sound, SoundMeter, Tone


def measure(samples: Samples, rate: int = 8000) -> list[Sound]:
    """The sounds of one row, silence added to fill the last block."""
    meter = SoundMeter(1, rate)
    meter.enable(0, True)
    size = frame_size(rate)
    padded = np.concatenate((samples, np.zeros(-samples.size % (5 * size), np.int16)))
    return [
        sound for start in range(0, padded.size, size) for _, sound in meter.measure(padded[np.newaxis, start : start + size])
    ]


def ended(sounds: list[Sound]) -> list[Tone]:
    return [sound.tone for sound in sounds if sound.tone is not None and sound.tone.over]


def test_silence_is_the_faintest_there_is() -> None:
    (sound,) = measure(np.zeros(800, np.int16))
    assert (sound.level, sound.low, sound.high) == (SILENCE, SILENCE, SILENCE)
    assert (sound.purity, sound.steadiness, sound.tone) == (0, 0, None)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_sine_has_its_level_and_its_frequency(sine: Callable[..., Samples], rate: int) -> None:
    """A sine of amplitude a has 20 log10(a / 32768) - 3 dBov."""
    for hertz in (350, 425, 440, 1000, 1114, 2100, 2475):
        sounds = measure(sine(hertz, 0.5, rate, amplitude=8192), rate)
        assert [round(sound.level, 1) for sound in sounds] == [pytest.approx(-15.05, abs=0.3)] * 5
        last = sounds[-1]
        assert last.tone is not None
        assert last.tone.hertz == pytest.approx(hertz, abs=1)
        assert (last.tone.milliseconds, last.tone.over) == (500, False)
        assert last.purity > 0.99
        assert last.steadiness > 0.999


def test_what_telephones_do_not_carry_is_not_heard(sine: Callable[..., Samples]) -> None:
    assert measure(sine(50, 0.3))[1].level < -60
    assert measure(sine(3800, 0.3))[1].level < -60


@pytest.mark.parametrize("hertz", [620, 1000, 2400])
@pytest.mark.parametrize("milliseconds", [80, 250, 1000])
def test_a_beep_is_as_long_as_it_was_wherever_it_begins(sine: Callable[..., Samples], hertz: float, milliseconds: int) -> None:
    for offset in range(0, 800, 77):
        silence = np.zeros(offset, np.int16)
        sounds = measure(np.concatenate((silence, sine(hertz, milliseconds / 1000), np.zeros(1600, np.int16))))
        (tone,) = ended(sounds)
        assert tone.hertz == pytest.approx(hertz, abs=5)
        assert milliseconds - 20 <= tone.milliseconds <= milliseconds + 20


def test_a_tone_lives_through_one_lost_frame_but_not_through_a_pause(sine: Callable[..., Samples]) -> None:
    tone, end = sine(1000, 0.2), np.zeros(1600, np.int16)
    once = ended(measure(np.concatenate((tone, np.zeros(160, np.int16), tone, end))))
    twice = ended(measure(np.concatenate((tone, np.zeros(1600, np.int16), tone, end))))
    assert [each.milliseconds for each in once] == [pytest.approx(420, abs=20)]
    assert [each.milliseconds for each in twice] == [pytest.approx(200, abs=20)] * 2


def test_a_fax_that_turns_its_tone_over_is_one_tone(sine: Callable[..., Samples]) -> None:
    """ANSam (ITU-T V.8): 2100 Hz, reversed every 450 ms."""
    part = sine(2100, 0.45)
    sounds = measure(np.concatenate((part, -part, part, np.zeros(1600, np.int16))))
    assert sum(tone.milliseconds for tone in ended(sounds)) == pytest.approx(1350, abs=80)


def test_tones_together_are_steady_but_no_single_tone(sine: Callable[..., Samples]) -> None:
    busy = measure(sine(480, 1.0, amplitude=4000) + sine(620, 1.0, amplitude=4000))
    assert all(sound.tone is None for sound in busy)
    assert all(sound.steadiness > 0.99 for sound in busy[1:])


def test_a_gliding_tone_is_no_tone() -> None:
    """A siren, or somebody who whistles: 600 Hz a second."""
    time = np.arange(8000) / 8000
    glide = (8000 * np.sin(2 * np.pi * (700 * time + 300 * time**2))).astype(np.int16)
    assert all(sound.tone is None or sound.tone.milliseconds < 120 for sound in measure(glide))


def test_noise_has_no_tone_and_no_peak() -> None:
    noise = np.random.default_rng(5).normal(0, 2000, 40_000).astype(np.int16)
    sounds = measure(noise)
    assert all(sound.tone is None and sound.purity < 0.4 and sound.steadiness < 0.97 for sound in sounds)
    assert max(sound.high for sound in sounds) - min(sound.low for sound in sounds) < 6


@pytest.mark.parametrize("decibels", [20, 12])
def test_a_tone_is_heard_through_noise(sine: Callable[..., Samples], decibels: float) -> None:
    noise = np.random.default_rng(6).normal(0, 8000 / 2**0.5 * 10 ** (-decibels / 20), 8000)
    tone = sine(1000, 0.6)
    mixed = noise.astype(np.int16)
    mixed[1600 : 1600 + tone.size] += tone
    assert max((each.milliseconds for each in ended(measure(mixed))), default=0) == pytest.approx(600, abs=60)


def test_rows_are_measured_apart_and_in_their_own_time(sine: Callable[..., Samples]) -> None:
    meter = SoundMeter(3, 8000)
    frames = np.stack([sine(1000, 0.4), sine(500, 0.4), np.zeros(3200, np.int16)]).reshape(3, -1, 160)
    meter.enable(0, True)
    heard = []
    for tick in range(20):
        if tick == 3:
            meter.enable(1, True)
        heard += [(tick, row, sound) for row, sound in meter.measure(frames[:, tick])]
    assert [(tick, row) for tick, row, _ in heard] == [(4, 0), (7, 1), (9, 0), (12, 1), (14, 0), (17, 1), (19, 0)]
    assert [round(sound.tone.hertz) for _, _, sound in heard if sound.tone] == [1000, 500, 1000, 500, 1000, 500, 1000]
    assert BLOCK_MS == 100


def test_a_row_that_is_enabled_again_has_forgotten(sine: Callable[..., Samples]) -> None:
    meter = SoundMeter(1, 8000)
    frames = sine(1000, 1.0).reshape(-1, 1, 160)
    meter.enable(0, True)
    for frame in frames[:8]:
        meter.measure(frame)
    meter.enable(0, False)
    assert meter.measure(frames[8]) == []
    meter.enable(0, True)
    sounds = [sound for frame in frames[9:14] for _, sound in meter.measure(frame)]
    (sound,) = sounds
    assert sound.tone is not None
    assert (round(sound.tone.hertz), sound.tone.milliseconds, sound.steadiness) == (1000, 100, 0)
