from __future__ import annotations

import numpy as np
import pytest

from media.bus import Bus
from media.frame import Samples
from media.mixer import Mixer
from media.source import Clip
from media.track import Track

ROWS, N = 8, 160


class Far:
    """The far ends: row r says ``says[r]`` in every frame, and keeps what it heard last."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.says = np.zeros(ROWS, np.int16)
        self.heard: Samples = np.zeros((ROWS, N), np.int16)

    def exchange(self) -> None:
        self.heard = self.bus.tx.copy()
        self.bus.rx[:] = self.says[:, np.newaxis]


@pytest.fixture
def far() -> Far:
    return Far(Bus(8000, ROWS))


@pytest.fixture
def mixer(far: Far) -> Mixer:
    return Mixer(far.bus, [far], lambda events: None)


def ticks(mixer: Mixer, count: int = 3) -> None:
    for _ in range(count):
        mixer.tick()


def test_a_copy_of_what_a_leg_says_and_of_what_it_hears(mixer: Mixer, far: Far) -> None:
    far.says[0], far.says[1] = 500, 900
    mixer.enter(1, 0)
    mixer.enter(1, 1)
    mixer.taps.monitor(6, Track(0))
    mixer.taps.monitor(7, Track(0, outbound=True))
    ticks(mixer)
    assert set(far.heard[6]) == {500}
    assert set(far.heard[7]) == {900}
    assert set(far.heard[1]) == {500}, "nobody else notices"


def test_what_is_played_to_a_leg_is_copied_in_the_same_tick(mixer: Mixer, far: Far) -> None:
    mixer.taps.monitor(7, Track(0, outbound=True))
    mixer.play(1, 0, Clip(np.full(N, 1234, np.int16), 0))
    mixer.tick()
    assert set(far.heard[7]) == {1234}


def test_a_bridged_leg_hears_its_peer(mixer: Mixer, far: Far) -> None:
    far.says[0], far.says[1] = 500, 900
    mixer.taps.monitor(7, Track(0, outbound=True))
    mixer.taps.follow(0, 1)
    ticks(mixer)
    assert set(far.heard[7]) == {900}
    mixer.taps.follow(0, None)
    ticks(mixer)
    assert set(far.heard[7]) == {0}


def test_a_copy_replaces_what_its_leg_would_hear(mixer: Mixer, far: Far) -> None:
    far.says[0] = 500
    mixer.play(1, 7, Clip(np.full(N, 1234, np.int16), 0))
    mixer.taps.monitor(7, Track(0))
    ticks(mixer)
    assert set(far.heard[7]) == {500}
    mixer.taps.monitor(7, None)
    ticks(mixer)
    assert set(far.heard[7]) == {1234}


def test_a_row_that_is_given_back_is_silent_for_whoever_gets_a_copy(mixer: Mixer, far: Far) -> None:
    far.says[0], far.says[1] = 500, 900
    mixer.taps.monitor(6, Track(0))
    mixer.taps.monitor(7, Track(1, outbound=True))
    mixer.taps.follow(1, 0)
    ticks(mixer)
    assert (set(far.heard[6]), set(far.heard[7])) == ({500}, {500})
    mixer.release(0)
    far.says[0] = 77  # the next one on that row
    ticks(mixer)
    assert (set(far.heard[6]), set(far.heard[7])) == ({0}, {0})
    mixer.release(6)
    far.says[0] = 500
    ticks(mixer)
    assert set(far.heard[6]) == {0}


def test_many_copies_of_one_leg(mixer: Mixer, far: Far) -> None:
    far.says[:4] = 100, 200, 300, 400
    for row in range(4, 8):
        mixer.taps.monitor(row, Track(row - 4))
    ticks(mixer)
    assert far.heard[4:, 0].tolist() == [100, 200, 300, 400]


@pytest.mark.parametrize(("row", "of"), [(ROWS, 0), (-1, 0), (0, ROWS), (0, -1)])
def test_there_is_no_row_like_that(mixer: Mixer, row: int, of: int) -> None:
    with pytest.raises(ValueError, match="the bus has no row"):
        mixer.taps.monitor(row, Track(of))
