from __future__ import annotations

import numpy as np
import pytest

from media.bus import Bus
from media.events import CueReached, MediaEvent, PlaybackFinished, PlaybackStarted
from media.frame import Samples
from media.playout import BLOCK, Playout
from media.source import Clip, SampleQueue

RATE, ROWS, N = 8000, 25, 160


@pytest.fixture
def bus() -> Bus:
    return Bus(RATE, ROWS)


@pytest.fixture
def playout(bus: Bus) -> Playout:
    return Playout(bus)


def numbers(count: int, start: int = 1) -> Samples:
    return np.arange(start, start + count, dtype=np.int16)


def tick(playout: Playout, bus: Bus) -> list[MediaEvent]:
    bus.tx.fill(0)
    return playout.fill()


def record(playout: Playout, bus: Bus, row: int, ticks: int) -> tuple[Samples, list[tuple[int, MediaEvent]]]:
    frames, events = [], []
    for number in range(ticks):
        events += [(number, event) for event in tick(playout, bus)]
        frames.append(bus.tx[row].copy())
    return np.concatenate(frames), events


@pytest.mark.parametrize("row", [0, 3, BLOCK - 1, BLOCK, ROWS - 1])
@pytest.mark.parametrize("size", [1, N - 1, N, N + 1, 10 * N, 10 * N + 1, 37 * N, 37 * N + 80])
def test_every_sample_is_heard_once_and_the_end_is_told_with_the_last(bus: Bus, playout: Playout, row: int, size: int) -> None:
    frames = -(-size // N)
    playout.play(5, row, Clip(numbers(size)))
    heard, events = record(playout, bus, row, frames + 3)
    assert heard[:size].tolist() == numbers(size).tolist()
    assert not heard[size:].any()
    assert events == [(0, PlaybackStarted(5)), (frames - 1, PlaybackFinished(5))]
    assert len(playout) == 0


def test_rows_do_not_disturb_each_other(bus: Bus, playout: Playout) -> None:
    for row in range(ROWS):
        playout.play(row, row, Clip(numbers(30 * N, start=1 + row)))
    heard = []
    for _ in range(30):
        tick(playout, bus)
        heard.append(bus.tx.copy())
    for row, samples in enumerate(np.concatenate(heard, axis=1)):
        assert samples.tolist() == numbers(30 * N, start=1 + row).tolist()


def test_refills_are_spread_over_the_ticks(bus: Bus, playout: Playout) -> None:
    reads: list[int] = []

    class Counted(Clip):
        def read(self, count: int) -> Samples:
            reads.append(now)
            return super().read(count)

    for row in range(20):
        playout.play(row, row, Counted(numbers(100), 0))
    for now in range(41):  # noqa: B007 - read by Counted
        tick(playout, bus)
    assert [reads.count(number) for number in range(1, 41)] == [2] * 40


def test_a_stopped_playback_is_silent_in_the_next_tick(bus: Bus, playout: Playout) -> None:
    playout.play(1, 0, Clip(numbers(N), 0))
    record(playout, bus, 0, 5)
    playout.stop(1)
    heard, events = record(playout, bus, 0, 3)
    assert not heard.any()
    assert events == [(0, PlaybackFinished(1))]
    playout.stop(1)
    assert tick(playout, bus) == []


@pytest.mark.parametrize("before", [1, 2, 9, 10, 13])
def test_a_held_playback_is_silent_and_goes_on_where_it_was(bus: Bus, playout: Playout, before: int) -> None:
    """From the very next tick on, whatever is read ahead; the others play on, and what is played next is not held."""
    playout.play(5, 3, Clip(numbers(20 * N)))
    playout.play(6, 4, Clip(numbers(40 * N)))
    heard, _ = record(playout, bus, 3, before)
    playout.hold(5, True)
    pause, events = record(playout, bus, 3, 7)
    assert not pause.any()
    assert events == []
    playout.hold(5, False)
    rest, _ = record(playout, bus, 3, 20 - before)
    assert np.concatenate((heard, rest)).tolist() == numbers(20 * N).tolist()
    assert bus.tx[4].tolist() == numbers(N, start=1 + 26 * N).tolist()
    playout.play(7, 4, Clip(numbers(5 * N)))
    playout.hold(7, True)
    playout.stop(7)
    playout.play(8, 4, Clip(numbers(5 * N)))
    assert record(playout, bus, 4, 1)[0].any()


def test_a_newer_playback_replaces_the_older(bus: Bus, playout: Playout) -> None:
    playout.play(1, 0, Clip(np.full(100 * N, 11, np.int16)))
    tick(playout, bus)
    playout.play(2, 0, Clip(np.full(2 * N, 22, np.int16)))
    heard, events = record(playout, bus, 0, 3)
    assert heard.tolist() == [22] * 2 * N + [0] * N
    assert events == [(0, PlaybackFinished(1)), (0, PlaybackStarted(2)), (1, PlaybackFinished(2))]


def test_an_empty_source_finishes_without_having_started(bus: Bus, playout: Playout) -> None:
    playout.play(1, 0, Clip(numbers(0)))
    assert tick(playout, bus) == [PlaybackFinished(1)]


def test_a_late_source_is_silent_and_goes_on_where_it_was(bus: Bus, playout: Playout) -> None:
    queue = SampleQueue(100_000)
    playout.play(1, 4, queue)
    heard, events = record(playout, bus, 4, 2)
    assert not heard.any()
    assert events == []
    queue.push(numbers(2 * N + 50))
    heard, events = record(playout, bus, 4, 4)
    assert heard.tolist() == numbers(2 * N).tolist() + [0] * 2 * N
    assert events == [(0, PlaybackStarted(1))]
    queue.push(numbers(N, start=2 * N + 51))
    heard, _ = record(playout, bus, 4, 1)
    assert heard.tolist() == numbers(N, start=2 * N + 1).tolist()
    queue.end()
    heard, events = record(playout, bus, 4, 2)
    assert heard.tolist() == numbers(50, start=3 * N + 1).tolist() + [0] * (2 * N - 50)
    assert events == [(0, PlaybackFinished(1))]


def test_a_failed_source_is_heard_to_its_end_and_tells_its_error(bus: Bus, playout: Playout) -> None:
    queue = SampleQueue(1000)
    queue.push(numbers(N))
    queue.fail("out of breath")
    playout.play(1, 0, queue)
    assert tick(playout, bus) == [PlaybackStarted(1), PlaybackFinished(1, "out of breath")]
    assert bus.tx[0].tolist() == numbers(N).tolist()


def test_a_source_that_raises_ends_alone(bus: Bus, playout: Playout) -> None:
    class Broken(Clip):
        def read(self, count: int) -> Samples:
            raise OSError("no such tape")

    playout.play(1, 0, Broken(numbers(N)))
    playout.play(2, 1, Clip(numbers(N)))
    events = tick(playout, bus)
    assert [event for event in events if isinstance(event, PlaybackFinished)] == [
        PlaybackFinished(1, "the source failed: OSError('no such tape')"),
        PlaybackFinished(2),
    ]
    assert bus.tx[1].tolist() == numbers(N).tolist()


def test_every_source_is_closed_when_its_playback_is_over(bus: Bus, playout: Playout) -> None:
    stopped, replaced, ended = SampleQueue(1000), SampleQueue(1000), SampleQueue(1000)
    ended.end()
    playout.play(1, 0, stopped)
    playout.play(2, 1, replaced)
    playout.play(3, 2, ended)
    playout.stop(1)
    playout.play(4, 1, SampleQueue(1))
    tick(playout, bus)
    assert stopped.closed
    assert replaced.closed
    assert ended.closed


@pytest.mark.parametrize("row", [0, 3, BLOCK - 1, ROWS - 1])
def test_a_cue_is_told_with_the_frame_that_holds_its_sample(bus: Bus, playout: Playout, row: int) -> None:
    playout.play(5, row, Clip(numbers(40 * N)))
    for at in (0, 1, N, N + 1, 20 * N, 40 * N, 41 * N):
        playout.cue(5, at)
    _, events = record(playout, bus, row, 41)
    reached = [(when, event.at) for when, event in events if isinstance(event, CueReached)]
    assert reached == [(0, 0), (0, 1), (0, N), (1, N + 1), (19, 20 * N), (39, 40 * N)]
    assert events[-1] == (39, PlaybackFinished(5))


def test_a_cue_for_what_was_sent_is_told_in_the_next_tick(bus: Bus, playout: Playout) -> None:
    queue = SampleQueue(100 * N)
    queue.push(numbers(2 * N))
    playout.play(5, 0, queue)
    record(playout, bus, 0, 5)
    playout.cue(5, 2 * N)
    assert tick(playout, bus) == [CueReached(5, 2 * N)]
    playout.cue(5, 2 * N + 1)
    assert tick(playout, bus) == []
    queue.push(numbers(N))
    assert tick(playout, bus) == [CueReached(5, 2 * N + 1)]


def test_the_cues_of_one_playback_are_not_those_of_the_next(bus: Bus, playout: Playout) -> None:
    playout.play(5, 0, Clip(numbers(40 * N)))
    playout.cue(5, 4 * N)
    tick(playout, bus)
    playout.play(6, 0, Clip(numbers(40 * N)))
    playout.cue(5, 2 * N)
    _, events = record(playout, bus, 0, 40)
    assert [event for _, event in events if isinstance(event, CueReached)] == []


def test_the_end_tells_how_much_was_sent(bus: Bus, playout: Playout) -> None:
    playout.play(5, 0, Clip(numbers(40 * N)))
    record(playout, bus, 0, 3)
    playout.stop(5)
    playout.play(6, 0, Clip(numbers(N + 1)))
    _, events = record(playout, bus, 0, 3)
    assert [event.sent for _, event in events if isinstance(event, PlaybackFinished)] == [3 * N, 2 * N]
