from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.frame import Samples
from media.room import Rooms

ROWS, N = 12, 4
samples = st.lists(st.lists(st.integers(-32768, 32767), min_size=N, max_size=N), min_size=ROWS, max_size=ROWS)


@dataclass(frozen=True)
class Place:
    """Where a row is in a test."""

    room: int | None
    gain: float
    hears: bool
    whispers_to: int | None


places = st.lists(
    st.builds(
        Place,
        st.sampled_from([None, 0, 3, 7, 2**40]),
        st.sampled_from([0.0, 0.5, 1.0, 1.0, 2.0]),
        st.sampled_from([True, True, False]),
        st.sampled_from([None, None, None, *range(ROWS)]),
    ),
    min_size=ROWS,
    max_size=ROWS,
)


def settle(rooms: Rooms, layout: list[Place]) -> None:
    for row, place in enumerate(layout):
        if place.room is None:
            rooms.leave(row)
        else:
            rooms.enter(place.room, row, place.gain, place.hears)
        rooms.whisper(row, place.whispers_to)


def expected(layout: list[Place], heard: list[list[int]], before: Samples) -> tuple[list[list[int]], int]:
    """What a definition that looks at each sample of each pair comes to."""
    clipped, result = 0, before.tolist()
    for row, place in enumerate(layout):
        if place.room is not None and place.hears:
            others = [other for other in range(ROWS) if other != row and layout[other].room == place.room]
            for i in range(N):
                total = sum(round(heard[other][i] * layout[other].gain) for other in others)
                result[row][i] = min(max(total, -32768), 32767)
                clipped += total != result[row][i]
        whispering = [other for other in range(ROWS) if layout[other].whispers_to == row]
        for i in range(N):
            total = result[row][i] + sum(heard[other][i] for other in whispering)
            result[row][i] = min(max(total, -32768), 32767)
            clipped += total != result[row][i]
    return result, clipped


@given(samples, places, places)
def test_everybody_hears_the_sum_of_the_others_and_what_is_whispered_to_them(
    heard: list[list[int]], earlier: list[Place], layout: list[Place]
) -> None:
    rx, tx = np.array(heard, np.int16), np.full((ROWS, N), 99, np.int16)
    rooms = Rooms(ROWS)
    settle(rooms, earlier)
    rooms.fill(rx, tx.copy())
    settle(rooms, layout)
    rooms.clipped = 0
    result, clipped = expected(layout, heard, tx)
    rooms.fill(rx, tx)
    rooms.overlay(rx, tx)
    assert tx.tolist() == result
    assert rooms.clipped == clipped


def test_a_row_is_in_one_room_at_a_time() -> None:
    rooms, rx, tx = Rooms(3), np.array([[1], [10], [100]], np.int16), np.zeros((3, 1), np.int16)
    for row in range(3):
        rooms.enter(1, row)
    rooms.fill(rx, tx)
    assert tx.tolist() == [[110], [101], [11]]
    rooms.enter(2, 2)
    rooms.fill(rx, tx)
    assert tx.tolist() == [[10], [1], [0]]
    rooms.leave(0)
    tx[:] = 0
    rooms.fill(rx, tx)
    assert tx.tolist() == [[0], [0], [0]]


def test_a_muted_member_hears_and_is_not_heard() -> None:
    rooms, rx, tx = Rooms(2), np.array([[5], [6]], np.int16), np.zeros((2, 1), np.int16)
    rooms.enter(0, 0)
    rooms.enter(0, 1)
    rooms.enter(0, 0, gain=0)
    rooms.fill(rx, tx)
    assert tx.tolist() == [[6], [0]]
    rooms.enter(0, 0)
    rooms.fill(rx, tx)
    assert tx.tolist() == [[6], [5]]


def test_a_held_member_keeps_what_it_plays_and_is_not_heard() -> None:
    rooms, rx, tx = Rooms(3), np.array([[1], [10], [100]], np.int16), np.full((3, 1), 7, np.int16)
    for row in range(3):
        rooms.enter(0, row)
    rooms.enter(0, 1, gain=0, hears=False)
    rooms.fill(rx, tx)
    assert tx.tolist() == [[100], [7], [1]]


def test_a_coach_hears_everybody_and_is_heard_by_one() -> None:
    agent, customer, coach = 0, 1, 2
    rooms, rx, tx = Rooms(3), np.array([[1], [10], [100]], np.int16), np.zeros((3, 1), np.int16)
    rooms.enter(0, agent)
    rooms.enter(0, customer)
    rooms.enter(0, coach, gain=0)
    rooms.whisper(coach, agent)
    rooms.fill(rx, tx)
    rooms.overlay(rx, tx)
    assert tx.tolist() == [[110], [1], [11]]
    rooms.whisper(coach, customer)
    rooms.fill(rx, tx)
    rooms.overlay(rx, tx)
    assert tx.tolist() == [[10], [101], [11]]


def test_who_is_forgotten_is_whispered_to_no_more() -> None:
    rooms, rx, tx = Rooms(2), np.array([[5], [6]], np.int16), np.zeros((2, 1), np.int16)
    rooms.whisper(0, 1)
    rooms.whisper(1, 1)
    rooms.fill(rx, tx)
    rooms.overlay(rx, tx)
    assert tx.tolist() == [[0], [11]]
    rooms.forget(1)
    tx[:] = 0
    rooms.fill(rx, tx)
    rooms.overlay(rx, tx)
    assert not tx.any()


@pytest.mark.parametrize("sizes", [[250], [10] * 25, [1000]])
def test_rooms_of_every_size_are_exact(sizes: list[int]) -> None:
    legs = sum(sizes)
    rx = np.random.default_rng(1).integers(-30, 30, (legs, 160), np.int16)
    tx = np.zeros_like(rx)
    rooms = Rooms(legs)
    order = np.random.default_rng(2).permutation(legs)
    numbers = np.repeat(np.arange(len(sizes)), sizes)
    for row, number in zip(order.tolist(), numbers.tolist(), strict=True):
        rooms.enter(number, row)
    rooms.fill(rx, tx)
    for number in range(len(sizes)):
        rows = order[numbers == number]
        assert np.array_equal(tx[rows], rx[rows].sum(axis=0) - rx[rows])


def test_a_negative_room_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Rooms(1).enter(-1, 0)
