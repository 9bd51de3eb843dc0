"""Utterances cut out of rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.activity import HANGOVER, SUSTAINED
from media.bus import Bus
from media.ear import BEFORE, BEHIND, EARS_PER_ROW, Ears
from media.events import MediaEvent, UtteranceBegun, UtterancePaused, UtteranceResumed
from media.frame import Samples
from media.mixer import Mixer
from media.track import Hearing, Track

N = 160


class Notebook:
    """Takes an utterance down."""

    def __init__(self) -> None:
        self.pieces: list[Samples] = []
        self.finished = False
        self.before_pauses: list[int] = []
        """Samples that were heard before each pause."""

    @property
    def heard(self) -> Samples:
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, np.int16)

    def hear(self, samples: Samples) -> None:
        assert not self.finished
        self.pieces.append(np.array(samples))

    def pause(self) -> None:
        self.before_pauses.append(self.heard.size)

    def finish(self) -> None:
        self.finished = True

    def drop(self) -> None:
        self.pieces.clear()


class Line:
    """A row that says what it is told."""

    def __init__(self) -> None:
        self.bus = Bus(8000, 4)
        self.hearing = Hearing(self.bus)
        self.ears = Ears(self.bus, self.hearing, lambda act: act())
        self.now = 0

    def say(self, samples: Samples, row: int = 1) -> list[tuple[int, MediaEvent]]:
        told: list[tuple[int, MediaEvent]] = []
        for start in range(0, samples.size, N):
            self.bus.rx[row] = samples[start : start + N]
            told += [(self.now, event) for event in self.ears.take()]
            self.now += 1
        return told


def ramp(frames: int) -> Samples:
    """Loud, no two samples alike for long, and like no vowel."""
    place = np.arange(frames * N)
    return ((8000 + place % 20000) * (1 - 2 * (place % 2))).astype(np.int16)


def quiet(frames: int) -> Samples:
    return np.zeros(frames * N, np.int16)


def test_an_utterance_is_handed_over_with_a_little_before_and_behind() -> None:
    line, book = Line(), Notebook()
    line.ears.listen(7, Track(1), book)
    assert line.say(quiet(50)) == []
    told = line.say(ramp(40)) + line.say(quiet(60))
    assert told == [(50 + SUSTAINED - 1, UtteranceBegun(7)), (90 + HANGOVER - 1, UtterancePaused(7))]
    (before,) = book.before_pauses
    assert before >= (BEFORE - 2 + 40 + HANGOVER) * N, "of a pause is told when all before it was handed over"
    line.ears.end_utterance(7, Notebook())
    assert book.finished
    sounding = np.flatnonzero(book.heard)
    assert np.array_equal(book.heard[sounding[0] : sounding[-1] + 1], ramp(40))
    assert BEFORE * N - 2 * N <= sounding[0] <= BEFORE * N
    assert book.heard.size - sounding[-1] - 1 == BEHIND * N


def test_of_a_long_pause_the_middle_is_left_out_and_nothing_is_said_twice() -> None:
    line, book = Line(), Notebook()
    line.ears.listen(7, Track(1), book)
    told = [event for _, event in line.say(quiet(30)) + line.say(ramp(30)) + line.say(quiet(100)) + line.say(ramp(30))]
    assert told == [UtteranceBegun(7), UtterancePaused(7), UtteranceResumed(7)]
    line.say(quiet(20))
    line.ears.end_utterance(7, Notebook())
    assert np.count_nonzero(book.heard) == 60 * N
    assert book.heard.size < (60 + 2 * (BEFORE + BEHIND)) * N


@pytest.mark.parametrize("frames", [2, 5, SUSTAINED - 1])
def test_a_cough_is_not_handed_over(frames: int) -> None:
    line, book = Line(), Notebook()
    line.ears.listen(7, Track(1), book)
    assert line.say(quiet(50)) + line.say(ramp(frames)) + line.say(quiet(50)) == []
    line.ears.end_utterance(7, Notebook())
    assert book.finished
    assert book.pieces == []


def test_utterances_follow_each_other() -> None:
    line, books = Line(), [Notebook(), Notebook()]
    line.ears.listen(7, Track(1), books[0])
    line.say(np.concatenate((quiet(30), ramp(20), quiet(40))))
    line.ears.end_utterance(7, books[1])
    told = [event for _, event in line.say(np.concatenate((quiet(10), ramp(30), quiet(40))))]
    assert told == [UtteranceBegun(7), UtterancePaused(7)]
    line.ears.end_utterance(7, Notebook())
    assert [np.count_nonzero(book.heard) // N for book in books] == [20, 30]


def test_a_closed_ear_hears_nothing_and_there_are_so_many_for_each_row() -> None:
    line = Line()
    most = EARS_PER_ROW * line.bus.rows
    books = [Notebook() for _ in range(most + 2)]
    for number, book in enumerate(books):
        line.ears.listen(number, Track(1), book)
    line.ears.close(0)
    line.ears.close(0)
    line.say(np.concatenate((quiet(30), ramp(30))))
    assert [bool(book.pieces) for book in books] == [False, *[True] * (most - 1), False, False]
    line.ears.forget_row(1)
    line.ears.end_utterance(1, Notebook())
    assert line.say(quiet(30)) == []
    with pytest.raises(ValueError, match="no row 9"):
        line.ears.listen(9, Track(9), Notebook())


def test_what_the_far_end_hears_is_listened_to_also_while_it_is_bridged_past_the_bus() -> None:
    line, book = Line(), Notebook()
    hears = Track(1, outbound=True)
    line.ears.listen(7, hears, book)
    line.bus.tx[1] = 500
    line.say(quiet(30))
    for frame in ramp(20).reshape(-1, N):
        line.bus.tx[1] = frame
        line.ears.take()
    line.hearing.follow(1, 2)
    line.say(ramp(20), row=2)
    line.ears.end_utterance(7, Notebook())
    assert np.array_equal(book.heard[-40 * N :], np.concatenate((ramp(20), ramp(20))))
    line.ears.forget_row(1)
    line.ears.end_utterance(7, book)
    assert line.say(ramp(20), row=2) == []


def test_the_mixer_listens_until_the_row_is_given_back(sine: Callable[..., Samples]) -> None:
    class Speaker:
        def exchange(self) -> None:
            bus.rx[row] = sine(300, 0.02) if loud else 0

    bus, loud = Bus(8000, 4), False
    events: list[MediaEvent] = []
    mixer = Mixer(bus, [Speaker()], events.extend)
    row = bus.claim()
    mixer.taps.ears.listen(4, Track(row), Notebook())
    for count, loud in ((30, False), (20, True)):  # noqa: B007 - the speaker reads it
        for _ in range(count):
            mixer.tick()
    assert events == [UtteranceBegun(4)]
    mixer.release(row)
    for _ in range(30):
        mixer.tick()
    assert events == [UtteranceBegun(4)]
