from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.bus import Bus
from media.events import MediaEvent, SilenceHeard, VoiceEnded, VoiceStarted
from media.frame import Samples
from media.level import HANGOVER, ONSET, LevelMeter, power
from media.mixer import Mixer

ROWS, N = 4, 160
Sine = Callable[..., Samples]


class Line:
    """Rows that say what a test gives them; events come with the number of their tick."""

    def __init__(self) -> None:
        self.meter = LevelMeter(ROWS)
        self.now = 0

    def say(self, samples: Samples, row: int = 1) -> list[tuple[int, MediaEvent]]:
        told: list[tuple[int, MediaEvent]] = []
        for start in range(0, samples.size, N):
            rx = np.zeros((ROWS, N), np.int16)
            rx[row] = samples[start : start + N]
            told += [(self.now, event) for event in self.meter.hear(rx)]
            self.now += 1
        return told


@pytest.fixture
def line() -> Line:
    return Line()


def noise(rms: float, frames: int) -> Samples:
    return np.random.default_rng(7).normal(0, rms, frames * N).astype(np.int16)


def quiet(frames: int) -> Samples:
    return np.zeros(frames * N, np.int16)


def test_power_is_the_mean_square_of_the_last_axis(sine: Sine) -> None:
    assert power(np.array([[3, 4], [0, 0]], np.int16)).tolist() == [12.5, 0]
    assert float(power(sine(500, 1.0, amplitude=1000))) == pytest.approx(500_000, rel=0.001)
    assert float(power(np.full((1, 160), -32768, np.int16))[0]) == pytest.approx(2**30)


def test_a_voice_is_told_when_it_begins_and_a_moment_after_its_end(line: Line, sine: Sine) -> None:
    line.meter.watch(9, 1)
    told = line.say(quiet(10)) + line.say(sine(300, 1.0)) + line.say(quiet(50))
    assert told == [(10 + ONSET - 1, VoiceStarted(9)), (60 + HANGOVER - 1, VoiceEnded(9))]


def test_a_gap_within_speech_is_no_end_and_a_click_is_no_voice(line: Line, sine: Sine) -> None:
    line.meter.watch(9, 1)
    assert line.say(sine(300, 0.02 * (ONSET - 1))) + line.say(quiet(20)) == []
    told = [event for _ in range(5) for event in line.say(sine(300, 0.2)) + line.say(quiet(HANGOVER - 1))]
    assert [event for _, event in told] == [VoiceStarted(9)]


def test_silence_is_told_once_it_has_lasted_and_again_after_as_much(line: Line, sine: Sine) -> None:
    line.meter.watch(9, 1, silence=100)
    assert line.say(quiet(250)) == [(99, SilenceHeard(9)), (199, SilenceHeard(9))]
    told = line.say(sine(300, 1.0)) + line.say(quiet(150))
    assert [pair for pair in told if isinstance(pair[1], SilenceHeard)] == [(399, SilenceHeard(9))]


def test_a_noisy_line_is_silent_while_nobody_speaks(line: Line, sine: Sine) -> None:
    line.meter.watch(9, 1, silence=250)
    told = line.say(noise(120, 500))
    assert SilenceHeard(9) in [event for _, event in told]
    spoken = noise(120, 100) + sine(300, 2.0, amplitude=2000)
    assert [event for _, event in line.say(spoken)] == [VoiceStarted(9)]


def test_a_loud_steady_sound_never_becomes_silence(line: Line, sine: Sine) -> None:
    line.meter.watch(9, 1, silence=100)
    assert [event for _, event in line.say(sine(440, 60.0, amplitude=400))] == [VoiceStarted(9)]


def test_speech_is_heard_and_its_pauses_are_short(line: Line, speech: Callable[..., Samples]) -> None:
    line.meter.watch(9, 1, silence=100)
    said = speech("The quick brown fox jumps over the lazy dog, and then it sleeps.")
    told = line.say(said[: said.size // N * N])
    assert told[0][1] == VoiceStarted(9)
    assert SilenceHeard(9) not in [event for _, event in told]


def test_watches_are_independent_and_end_alone(line: Line, sine: Sine) -> None:
    line.meter.watch(1, 1, silence=10)
    line.meter.watch(2, 1, silence=20)
    line.meter.watch(3, 2, silence=10)
    line.meter.forget(1)
    line.meter.forget(1)
    assert line.say(quiet(20)) == [(9, SilenceHeard(3)), (19, SilenceHeard(2)), (19, SilenceHeard(3))]
    line.meter.forget_row(1)
    assert line.say(quiet(10)) == [(29, SilenceHeard(3))]


def test_a_watch_too_many_hears_nothing(line: Line) -> None:
    for id in range(ROWS + 1):
        line.meter.watch(id, 1, silence=5)
    assert [event for _, event in line.say(quiet(5))] == [SilenceHeard(id) for id in range(ROWS)]


def test_the_mixer_tells_levels_until_the_row_is_given_back(sine: Sine) -> None:
    class Speaker:
        def exchange(self) -> None:
            bus.rx[row] = sine(300, 0.02)

    bus = Bus(8000, ROWS)
    events: list[MediaEvent] = []
    mixer = Mixer(bus, [Speaker()], events.extend)
    row = bus.claim()
    mixer.taps.watch_level(4, row, 5)
    for _ in range(10):
        mixer.tick()
    assert events == [VoiceStarted(4)]
    mixer.taps.forget_level(4)
    mixer.taps.watch_level(5, row, 5)
    mixer.release(row)
    for _ in range(30):
        mixer.tick()
    assert events == [VoiceStarted(4)]
