from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.bus import Bus
from media.dtmf import tones
from media.events import DigitHeard, MediaEvent, PlaybackFinished, PlaybackStarted
from media.frame import Samples
from media.mixer import Mixer
from media.source import Clip

N = 160


class Phones:
    """A transport whose far ends say what a test gives them and keep what they hear."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.says: dict[int, Samples] = {}
        self.heard: list[Samples] = []

    def exchange(self) -> None:
        self.heard.append(self._bus.tx.copy())
        self._bus.rx[:] = 0
        for row, samples in self.says.items():
            self._bus.rx[row, : samples[:N].size] = samples[:N]
            self.says[row] = samples[N:]


class Studio:
    def __init__(self, rows: int = 6) -> None:
        self.bus = Bus(8000, rows)
        self.phones = Phones(self.bus)
        self.events: list[MediaEvent] = []
        self.posts = 0
        self.mixer = Mixer(self.bus, [self.phones], self._post)

    def _post(self, events: list[MediaEvent]) -> None:
        self.posts += 1
        self.events += events

    def tick(self, count: int = 1) -> None:
        for _ in range(count):
            self.mixer.tick()


@pytest.fixture
def studio() -> Studio:
    return Studio()


def constant(value: int, frames: int = 1) -> Samples:
    return np.full(frames * N, value, np.int16)


def test_who_neither_plays_nor_is_in_a_room_hears_silence(studio: Studio) -> None:
    row = studio.bus.claim()
    studio.bus.tx[row] = 77
    studio.tick()
    assert not studio.bus.tx.any()
    assert studio.posts == 0


def test_a_playback_reaches_the_far_end_in_the_next_tick(studio: Studio) -> None:
    row = studio.bus.claim()
    studio.mixer.play(1, row, Clip(constant(5, 2)))
    assert studio.mixer.playing == 0
    studio.tick()
    assert studio.mixer.playing == 1
    studio.tick(3)
    assert [int(frame[row, 0]) for frame in studio.phones.heard] == [5, 5, 0, 0]
    assert studio.events == [PlaybackStarted(1), PlaybackFinished(1)]
    assert studio.posts == 2
    assert studio.mixer.playing == 0


def test_a_room_hears_its_members_without_themselves(studio: Studio) -> None:
    rows = [studio.bus.claim() for _ in range(3)]
    for row, value in zip(rows, (1, 10, 100), strict=True):
        studio.mixer.enter(9, row)
        studio.phones.says[row] = constant(value, 2)
    studio.tick(2)
    assert [int(studio.bus.tx[row, 0]) for row in rows] == [110, 101, 11]
    studio.mixer.leave(rows[1])
    studio.tick()
    assert [int(studio.bus.tx[row, 0]) for row in rows] == [100, 0, 1]


def test_who_plays_in_a_room_hears_the_playback_and_is_still_heard(studio: Studio) -> None:
    first, second = studio.bus.claim(), studio.bus.claim()
    for row in (first, second):
        studio.mixer.enter(0, row)
    studio.phones.says = {first: constant(3, 2), second: constant(4, 2)}
    studio.tick()
    studio.mixer.play(1, first, Clip(constant(50)))
    studio.tick()
    assert (int(studio.bus.tx[first, 0]), int(studio.bus.tx[second, 0])) == (50, 3)
    studio.tick()
    assert (int(studio.bus.tx[first, 0]), int(studio.bus.tx[second, 0])) == (4, 3)


def test_an_echo_is_heard_until_it_is_switched_off(studio: Studio) -> None:
    row = studio.bus.claim()
    studio.phones.says[row] = constant(7, 4)
    studio.mixer.echo(row, True)
    studio.tick(3)
    assert [int(frame[row, 0]) for frame in studio.phones.heard] == [0, 7, 7]
    studio.mixer.echo(row, False)
    studio.tick()
    assert not studio.bus.tx.any()


def test_a_voice_says_what_it_plays_to_a_whole_room(studio: Studio) -> None:
    first, second, voice = (studio.bus.claim() for _ in range(3))
    studio.mixer.speak(voice)
    for row in (first, second):
        studio.mixer.enter(0, row)
    studio.mixer.enter(0, voice, hears=False)
    studio.phones.says = {first: constant(1, 9), second: constant(2, 9)}
    studio.mixer.play(1, voice, Clip(constant(50, 2)))
    studio.tick(4)
    assert [frame[:2, 0].tolist() for frame in studio.phones.heard] == [[50, 50], [52, 51], [2, 1], [2, 1]]


def test_a_voice_may_speak_to_one_row_on_top_of_what_that_hears(studio: Studio) -> None:
    first, second, voice = (studio.bus.claim() for _ in range(3))
    studio.mixer.speak(voice)
    studio.mixer.whisper(voice, first)
    studio.mixer.play(1, voice, Clip(constant(50, 2)))
    studio.mixer.play(2, first, Clip(constant(4, 3)))
    studio.tick(3)
    assert [frame[[first, second], 0].tolist() for frame in studio.phones.heard] == [[54, 0], [54, 0], [4, 0]]


def test_the_last_frame_of_a_voice_that_is_released_at_its_end_is_heard(studio: Studio) -> None:
    row, voice = studio.bus.claim(), studio.bus.claim()
    studio.mixer.speak(voice)
    studio.mixer.enter(0, voice, hears=False)
    studio.mixer.enter(0, row)
    studio.mixer.play(1, voice, Clip(constant(50, 2)))
    while PlaybackFinished(1) not in studio.events:
        studio.tick()
    studio.mixer.release(voice)
    studio.tick()
    assert [int(frame[row, 0]) for frame in studio.phones.heard] == [50, 50, 0]


def test_a_released_voice_is_an_ordinary_row_again(studio: Studio) -> None:
    voice = studio.bus.claim()
    studio.mixer.speak(voice)
    studio.mixer.release(voice)
    studio.tick()
    studio.mixer.play(1, voice, Clip(constant(50, 2)))
    studio.tick()
    assert not studio.bus.rx.any()


def test_a_stop_is_heard_in_the_next_tick(studio: Studio) -> None:
    row = studio.bus.claim()
    studio.mixer.play(1, row, Clip(constant(5), 0))
    studio.tick(3)
    studio.mixer.stop(1)
    studio.tick()
    assert not studio.bus.tx.any()
    assert studio.events == [PlaybackStarted(1), PlaybackFinished(1)]


def test_orders_are_carried_out_in_order(studio: Studio) -> None:
    row = studio.bus.claim()
    studio.mixer.play(1, row, Clip(constant(5), 0))
    studio.mixer.stop(1)
    studio.mixer.play(2, row, Clip(constant(6), 0))
    studio.tick()
    assert studio.bus.tx[row, 0] == 6
    assert studio.events == [PlaybackFinished(1), PlaybackStarted(2)]


def test_clipped_samples_are_counted(studio: Studio) -> None:
    for value in (30000, 30000, 0):
        row = studio.bus.claim()
        studio.mixer.enter(0, row)
        studio.phones.says[row] = constant(value)
    studio.tick(2)
    assert studio.bus.tx[2].tolist() == [32767] * N
    assert studio.mixer.clipped == N


def test_digits_are_heard_where_they_are_asked_for(studio: Studio) -> None:
    deaf, listening = studio.bus.claim(), studio.bus.claim()
    studio.mixer.detect_digits(listening, True)
    studio.phones.says = {deaf: tones("1", 8000), listening: tones("42", 8000)}
    studio.tick(20)
    assert studio.events == [DigitHeard(listening, "4"), DigitHeard(listening, "2")]
    studio.mixer.detect_digits(listening, False)
    studio.phones.says = {listening: tones("7", 8000)}
    studio.tick(10)
    assert len(studio.events) == 2


def test_a_released_row_takes_part_in_nothing(studio: Studio) -> None:
    row, other = studio.bus.claim(), studio.bus.claim()
    studio.mixer.detect_digits(row, True)
    studio.mixer.enter(0, row)
    studio.mixer.enter(0, other)
    studio.mixer.play(1, row, Clip(constant(5), 0))
    studio.tick()
    studio.mixer.release(row)
    studio.phones.says = {row: tones("1", 8000)}
    assert studio.bus.claimed == 2
    studio.tick(10)
    assert studio.bus.claimed == 1
    assert not studio.bus.tx.any()
    assert studio.events == [PlaybackStarted(1), PlaybackFinished(1)]


@pytest.mark.parametrize("row", [-1, 6])
@pytest.mark.parametrize(
    "order",
    [
        lambda mixer, row: mixer.play(1, row, Clip(constant(1))),
        lambda mixer, row: mixer.enter(0, row),
        lambda mixer, row: mixer.leave(row),
        lambda mixer, row: mixer.whisper(row, 0),
        lambda mixer, row: mixer.whisper(0, row),
        lambda mixer, row: mixer.echo(row, True),
        lambda mixer, row: mixer.speak(row),
        lambda mixer, row: mixer.detect_digits(row, True),
        lambda mixer, row: mixer.release(row),
    ],
)
def test_a_row_that_the_bus_does_not_have_is_refused(studio: Studio, row: int, order: Callable[[Mixer, int], None]) -> None:
    with pytest.raises(ValueError, match="no row"):
        order(studio.mixer, row)
    studio.tick()


def test_a_negative_room_is_refused_before_the_tick(studio: Studio) -> None:
    with pytest.raises(ValueError, match="negative"):
        studio.mixer.enter(-1, 0)


def test_a_concealed_row_is_heard_by_nobody_but_the_detector(studio: Studio) -> None:
    for row in (0, 1):
        studio.mixer.enter(0, row)
    studio.mixer.detect_digits(0, True)
    studio.mixer.conceal(0, True)
    studio.phones.says[0] = tones("42", 8000)
    studio.tick(30)
    assert [event.digit for event in studio.events if isinstance(event, DigitHeard)] == ["4", "2"]
    assert not any(heard[1].any() for heard in studio.phones.heard)
    studio.mixer.conceal(0, False)
    studio.phones.says[0] = constant(500, 3)
    studio.tick(3)
    assert studio.phones.heard[-1][1, 0] == 500


def test_a_row_that_is_given_back_is_concealed_no_longer(studio: Studio) -> None:
    studio.mixer.conceal(2, True)
    studio.mixer.release(2)
    studio.phones.says[2] = constant(500, 2)
    studio.tick()
    assert studio.bus.rx[2, 0] == 500
