from __future__ import annotations

import threading

import numpy as np
import pytest

from media.bus import Bus
from media.errors import BusFull, MediaError


@pytest.mark.parametrize(("rate", "samples"), [(8000, 160), (16000, 320), (48000, 960)])
def test_a_row_is_one_frame_of_20_ms(rate: int, samples: int) -> None:
    bus = Bus(rate, 3)
    for matrix in (bus.rx, bus.tx):
        assert matrix.shape == (3, samples)
        assert matrix.dtype == np.int16
        assert matrix.flags.c_contiguous
    assert bus.samples == samples


@pytest.mark.parametrize("rate", [0, -8000, 11025, 49])
def test_a_rate_without_whole_frames_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="20 ms"):
        Bus(rate, 1)


def test_rows_are_distinct_until_the_bus_is_full() -> None:
    bus = Bus(rows=4)
    assert {bus.claim() for _ in range(4)} == {0, 1, 2, 3}
    assert bus.claimed == 4
    with pytest.raises(BusFull, match="4 rows"):
        bus.claim()
    assert issubclass(BusFull, MediaError)


def test_a_row_is_silent_when_claimed_and_when_released() -> None:
    bus = Bus(rows=1)
    bus.rx[0] = bus.tx[0] = 7
    row = bus.claim()
    assert not bus.rx.any()
    assert not bus.tx.any()
    bus.rx[0] = bus.tx[0] = 7
    bus.release(row)
    assert not bus.rx.any()
    assert not bus.tx.any()


def test_the_row_that_was_free_for_longest_is_claimed_first() -> None:
    bus = Bus(rows=3)
    first, second = bus.claim(), bus.claim()
    bus.release(second)
    bus.release(first)
    assert [bus.claim() for _ in range(3)] == [2, second, first]


def test_a_second_release_does_not_free_a_row_twice() -> None:
    bus = Bus(rows=2)
    row = bus.claim()
    bus.release(row)
    bus.release(row)
    assert bus.claimed == 0
    assert sorted((bus.claim(), bus.claim())) == [0, 1]
    with pytest.raises(BusFull):
        bus.claim()


def test_the_matrices_never_move() -> None:
    bus = Bus(rows=8)
    addresses = bus.rx.ctypes.data, bus.tx.ctypes.data
    for _ in range(50):
        bus.release(bus.claim())
    assert (bus.rx.ctypes.data, bus.tx.ctypes.data) == addresses


def test_claims_and_releases_of_two_threads_lose_no_row() -> None:
    bus = Bus(rows=16)
    taken: list[int] = []
    rounds = 500

    def release() -> None:
        released = 0
        while released < rounds:
            if taken:
                bus.release(taken.pop())
                released += 1

    thread = threading.Thread(target=release)
    thread.start()
    claimed = 0
    while claimed < rounds:
        try:
            taken.append(bus.claim())
            claimed += 1
        except BusFull:
            pass
    thread.join()
    assert bus.claimed == 0
    assert {bus.claim() for _ in range(16)} == set(range(16))
