"""What the jitter buffer makes of what networks do, in ticks and frames; no clock runs."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.frame import Samples
from media.webrtc.jitter import JitterBuffer

SIZE = 160
MOST = 10
ROW = 3


class Line:
    """One row, whose frame n says n + 1 in every sample and comes at a given time in ticks."""

    def __init__(self, arrivals: Iterable[tuple[float, int]]) -> None:
        self.buffer = JitterBuffer(8, SIZE, MOST)
        self.buffer.clear(ROW)
        self._arrivals = sorted(arrivals)
        self._tick = 0
        self.heard: list[Samples] = []
        self.delays: list[int] = []

    def run(self, ticks: int) -> None:
        rows = np.array([ROW])
        for _ in range(ticks):
            self._tick += 1
            while self._arrivals and self._arrivals[0][0] <= self._tick:
                _, frame = self._arrivals.pop(0)
                self.buffer.put(ROW, frame * SIZE, said(frame))
            self.heard.append(self.buffer.take(rows)[0].copy())
            self.delays.append(self.buffer.delay(ROW))

    @property
    def frames(self) -> list[int]:
        """The numbers of the frames that were heard whole, in order."""
        return [int(each[0]) - 1 for each in self.heard if each[0] > 0 and (each == each[0]).all()]

    @property
    def concealed(self) -> int:
        return int(self.buffer.concealed[ROW])


def said(frame: int) -> Samples:
    return np.full(SIZE, frame + 1, np.int16)


def steady(frames: int, delay: float = 0.5) -> list[tuple[float, int]]:
    return [(n + delay, n) for n in range(frames)]


def test_what_comes_in_time_is_heard_whole_and_in_order() -> None:
    line = Line(steady(140))
    line.run(139)
    assert line.frames == list(range(1, line.frames[-1] + 1))
    assert line.frames[-1] >= 136
    assert line.concealed == 0


def test_it_begins_with_two_frames_of_delay_and_goes_down_to_one_when_all_is_calm() -> None:
    line = Line(steady(300))
    line.run(250)
    assert line.delays[10] == 1
    assert line.delays[-1] == 0
    assert line.concealed == 0


def test_silence_comes_out_of_a_row_to_which_nothing_has_come() -> None:
    line = Line([])
    line.run(5)
    assert not np.any(line.heard)
    assert line.concealed == 0


def test_a_lost_packet_costs_one_frame_and_adds_no_delay() -> None:
    line = Line(each for each in steady(1200) if each[1] not in (700, 750, 751))
    line.run(1100)
    assert line.concealed == 3
    assert line.delays[-1] == 0
    assert max(line.delays[690:]) <= 1


def test_packets_in_another_order_are_put_right_at_the_cost_of_one_frame() -> None:
    swapped = [(n + 0.5 + (1 if n % 50 == 0 else 0), n) for n in range(1500)]
    line = Line(swapped)
    line.run(1490)
    assert line.frames == sorted(line.frames)
    assert line.concealed <= 3


def test_the_delay_after_a_stall_is_bounded_and_goes_away() -> None:
    stalled = [(max(n + 0.5, 130 if 100 <= n < 130 else 0), n) for n in range(900)]
    line = Line(stalled)
    line.run(890)
    assert max(line.delays) <= MOST
    assert line.delays[210] <= 3
    assert line.delays[-1] <= 1
    assert line.frames[-1] > 885


def test_a_short_stall_loses_nothing() -> None:
    stalled = [(max(n + 0.5, 108 if 100 <= n < 108 else 0), n) for n in range(300)]
    line = Line(stalled)
    line.run(130)
    assert set(range(1, 128 - MOST)) - set(line.frames) == {100}  # which is blended in behind what was made up
    assert line.buffer.late[ROW] == 0
    assert line.buffer.skipped[ROW] == 0


def test_jitter_that_comes_again_and_again_is_learned() -> None:
    rng = random.Random(4)
    line = Line([(n + rng.uniform(0, 3), n) for n in range(3000)])
    line.run(1500)
    before = line.concealed
    line.run(1400)
    assert line.concealed - before < 30
    assert max(line.delays[1500:]) <= MOST // 2 + 3


@pytest.mark.parametrize("drift", [-2e-3, 2e-3])
def test_a_clock_that_runs_faster_or_slower_adds_no_delay(drift: float) -> None:
    line = Line([(n * (1 + drift) + 0.5, n) for n in range(6100)])
    line.run(6000)
    assert max(line.delays[1000:]) <= 3
    assert line.concealed + line.buffer.skipped[ROW] <= 30


@pytest.mark.parametrize("size", [80, 240, 320, 480, 960])
def test_packets_may_be_shorter_or_longer_than_a_frame(size: int) -> None:
    buffer = JitterBuffer(1, SIZE, MOST)
    audio = np.arange(1, 9601).astype(np.int16)
    heard = []
    for tick in range(80):
        for position in range(0, audio.size, size):
            if (tick - 1) * SIZE < position <= tick * SIZE:
                buffer.put(0, position, audio[position : position + size])
        heard.append(buffer.take(np.array([0]))[0].copy())
    out = np.concatenate(heard)
    begins = int(np.argmax(out == audio[SIZE]))
    assert (out[begins : begins + 4000] == audio[SIZE : SIZE + 4000]).all()


def test_a_packet_that_comes_too_late_is_counted_and_not_heard() -> None:
    line = Line([each for each in steady(100) if each[1] != 50] + [(60.5, 50)])
    line.run(90)
    assert 50 not in line.frames
    assert line.buffer.late[ROW] == 1


def test_a_far_end_that_jumps_ahead_is_followed() -> None:
    line = Line(steady(100) + [(n + 0.5, n + 5000) for n in range(100, 200)])
    line.run(199)
    assert line.frames[-1] > 5190
    assert max(line.delays) <= MOST


def test_rows_do_not_disturb_each_other() -> None:
    buffer = JitterBuffer(4, SIZE, MOST)
    rows = np.array([0, 2])
    for frame in range(50):
        buffer.put(0, frame * SIZE, said(frame))
        if frame % 3:
            buffer.put(2, frame * SIZE, said(frame))
        heard = buffer.take(rows)
    assert (heard[0] == 49).all()
    assert buffer.concealed.tolist()[0] == 0
    assert buffer.concealed[2] > 10


def test_a_row_begins_anew_when_it_is_cleared() -> None:
    buffer = JitterBuffer(1, SIZE, MOST)
    rows = np.array([0])
    for frame in range(10):
        buffer.put(0, frame * SIZE, said(frame))
        buffer.take(rows)
    buffer.clear(0)
    assert not buffer.take(rows).any()
    for frame in range(7000, 7010):
        buffer.put(0, frame * SIZE, said(frame))
        heard = buffer.take(rows)
    assert heard[0, 0] == 7009


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 33), st.integers(0, 1000), st.integers(0, 3)), max_size=80))
def test_whatever_comes_the_delay_is_bounded(packets: list[tuple[int, int, int]]) -> None:
    buffer = JitterBuffer(1, SIZE, MOST)
    for position, size, ticks in packets:
        buffer.put(0, position, np.ones(size, np.int16))
        for _ in range(ticks):
            assert buffer.take(np.array([0])).shape == (1, SIZE)
            assert buffer.delay(0) <= MOST
