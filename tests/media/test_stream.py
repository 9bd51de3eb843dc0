"""Streams: every frame of some tracks as mu-law, for whoever collects it."""

from __future__ import annotations

import numpy as np

from media.bus import Bus
from media.events import MediaEvent, StreamsMoved
from media.frame import Samples
from media.g711 import decode_mulaw, encode_mulaw
from media.mixer import Mixer
from media.stream import CODES, MOST_WAITING, Packet
from media.track import Track


class Far:
    """Says a number on each row, and the next frame twice the number."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.frames = 0

    def exchange(self) -> None:
        self.frames += 1
        self._bus.rx[:] = (np.arange(1, self._bus.rows + 1) * 100 * self.frames)[:, np.newaxis]


class World:
    def __init__(self, rate: int = 8000, rows: int = 4) -> None:
        self.events: list[MediaEvent] = []
        self.bus = Bus(rate, rows)
        for _ in range(rows):
            self.bus.claim()
        self.mixer = Mixer(self.bus, [Far(self.bus)], self.events.extend)
        self.taps = self.mixer.taps

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.mixer.tick()

    def collected(self) -> list[Packet]:
        return self.taps.collect()


def levels(packet: Packet) -> list[int]:
    """The last sample of each track, to the step of mu-law."""
    return [int(samples[-1]) for samples in decoded(packet)]


def decoded(packet: Packet) -> Samples:
    return decode_mulaw(np.frombuffer(packet.codes, np.uint8)).reshape(-1, CODES)


def coded(*values: int) -> list[int]:
    return [int(each) for each in decode_mulaw(encode_mulaw(np.array(values, np.int16)))]


def test_the_frames_of_each_stream_in_order() -> None:
    world = World()
    world.taps.stream(7, (Track(2), Track(0, outbound=True)))
    world.taps.stream(8, (Track(1),))
    world.tick(2)
    first, second = world.collected()
    assert first.streams == ((7, 2), (8, 1))
    assert levels(first) == coded(300, 0, 200)
    assert levels(second) == coded(600, 0, 400)
    assert second.tick == first.tick + 1
    assert world.collected() == []


def test_what_a_bridged_leg_hears_is_what_the_other_one_says() -> None:
    world = World()
    world.taps.stream(7, (Track(0, outbound=True),))
    world.taps.follow(0, 3)
    world.tick()
    assert levels(world.collected()[0]) == coded(400)


def test_one_report_until_somebody_collects() -> None:
    world = World()
    world.tick()
    assert world.events == []
    world.taps.stream(7, (Track(0),))
    world.tick(3)
    assert world.events == [StreamsMoved()]
    assert len(world.collected()) == 3
    world.tick()
    assert world.events == [StreamsMoved(), StreamsMoved()]


def test_what_nobody_collects_is_dropped_from_the_front_and_counted() -> None:
    world = World()
    world.taps.stream(7, (Track(0), Track(1)))
    world.tick(MOST_WAITING + 5)
    ticks = [packet.tick for packet in world.collected()]
    assert ticks == list(range(6, MOST_WAITING + 6))
    assert world.taps.frames_dropped == 10


def test_a_stream_that_is_over_is_left_out() -> None:
    world = World()
    world.taps.stream(7, (Track(0), Track(0, outbound=True)))
    world.taps.stream(8, (Track(1),))
    world.tick()
    world.taps.end_stream(7)
    world.taps.end_stream(99)
    world.tick()
    assert levels(world.collected()[1]) == coded(400)
    assert world.taps.streams == 1
    world.taps.end_stream(8)
    world.tick()
    assert world.collected() == []


def test_a_row_that_is_given_back_is_silent() -> None:
    world = World()
    world.taps.stream(7, (Track(0), Track(1)))
    world.mixer.release(0)
    world.tick()
    assert levels(world.collected()[0]) == coded(0, 200)


def test_a_bus_of_16_khz_is_streamed_at_8() -> None:
    world = World(rate=16000)
    world.taps.stream(7, (Track(0),))
    world.tick()
    world.taps.stream(8, (Track(3),))
    world.tick(2)
    packets = world.collected()
    assert [len(packet.codes) for packet in packets] == [CODES, 2 * CODES, 2 * CODES]
    assert levels(packets[2]) == coded(300, 1200)
