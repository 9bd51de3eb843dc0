from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.room import Rooms

ROWS, N = 12, 4
samples = st.lists(st.lists(st.integers(-32768, 32767), min_size=N, max_size=N), min_size=ROWS, max_size=ROWS)
membership = st.lists(st.sampled_from([None, 0, 3, 7, 2**40]), min_size=ROWS, max_size=ROWS)
gains = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=ROWS, max_size=ROWS)


@given(samples, membership, gains)
def test_everybody_hears_the_sum_of_the_others(heard: list[list[int]], rooms: list[int | None], gain: list[float]) -> None:
    rx, tx = np.array(heard, np.int16), np.full((ROWS, N), 99, np.int16)
    mixer = Rooms(ROWS)
    expected, clipped = np.full((ROWS, N), 99, np.int16), 0
    for row, room in enumerate(rooms):
        if room is None:
            continue
        mixer.enter(room, row, gain[row])
        others = [other for other in range(ROWS) if other != row and rooms[other] == room]
        for i in range(N):
            total = sum(round(heard[other][i] * gain[other]) for other in others)
            expected[row, i] = min(max(total, -32768), 32767)
            clipped += total != expected[row, i]
    mixer.fill(rx, tx)
    assert tx.tolist() == expected.tolist()
    assert mixer.clipped == clipped


def test_a_row_is_in_one_room_at_a_time() -> None:
    mixer, rx, tx = Rooms(3), np.array([[1], [10], [100]], np.int16), np.zeros((3, 1), np.int16)
    for row in range(3):
        mixer.enter(1, row)
    mixer.fill(rx, tx)
    assert tx.tolist() == [[110], [101], [11]]
    mixer.enter(2, 2)
    mixer.fill(rx, tx)
    assert tx.tolist() == [[10], [1], [0]]
    mixer.leave(0)
    tx[:] = 0
    mixer.fill(rx, tx)
    assert tx.tolist() == [[0], [0], [0]]


def test_muting_is_entering_again_without_gain() -> None:
    mixer, rx, tx = Rooms(2), np.array([[5], [6]], np.int16), np.zeros((2, 1), np.int16)
    mixer.enter(0, 0)
    mixer.enter(0, 1)
    mixer.enter(0, 0, gain=0)
    mixer.fill(rx, tx)
    assert tx.tolist() == [[6], [0]]
    mixer.enter(0, 0)
    mixer.fill(rx, tx)
    assert tx.tolist() == [[6], [5]]


def test_a_negative_room_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Rooms(1).enter(-1, 0)
