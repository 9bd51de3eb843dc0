"""How long one tick of the mixer takes without its transports: all that is numpy and Python.

All of it at once too: ``python -m tests.bench.mixer [RATE]``.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from media.bus import Bus
from media.events import MediaEvent
from media.mixer import Mixer
from media.source import Clip
from media.tape import Tape, TapeWriter
from media.track import Track
from tests.bench.load import Row

TICKS = 1000
WARM_UP = 50


class Talkers:
    """A transport in which everybody talks all the time: a few frames of noise, in turn."""

    def __init__(self, bus: Bus) -> None:
        noise = np.random.default_rng(1)
        self._rx = bus.rx
        self._frames = noise.normal(0, 1500, (5, *bus.rx.shape)).astype(np.int16)
        self._tick = 0

    def exchange(self) -> None:
        """Let everybody say the next frame."""
        self._tick += 1
        self._rx[:] = self._frames[self._tick % len(self._frames)]


def ignore(events: list[MediaEvent]) -> None:
    """Nobody listens."""


def tick_time(
    name: str,
    rate: int,
    legs: int,
    *,
    room: int = 0,
    playing: bool = False,
    detecting: bool = False,
    recording: bool = False,
    examining: bool = False,
) -> Row:
    """Time one load; what is recorded, in two channels and with its level watched, goes to a writer that keeps nothing.

    Every leg is drawn, as all legs of a switch with a console are.
    """
    bus = Bus(rate, legs)
    talkers = Talkers(bus)
    mixer = Mixer(bus, [], ignore, TapeWriter(ignore))
    tune = (3000 * np.sin(np.arange(20 * rate) / 10)).astype(np.int16)
    for row in range(legs):
        bus.claim()
        if room:
            mixer.enter(row // room, row)
        if playing:
            mixer.play(row, row, Clip(tune, 0))
        if detecting:
            mixer.detect_digits(row, True)
        if examining:
            mixer.taps.measure(row, row)
            if row % -(-legs // 5) == 0:
                mixer.tick()  # answers come at different times, and so do the reports
        mixer.taps.envelopes.draw(row, row)
        if recording:
            mixer.taps.record(((Track(row),), (Track(row, outbound=True),)), Tape(row, Path("nowhere"), rate, 2))
            mixer.taps.watch_level(row, row, 250)
    durations = np.zeros(TICKS)
    for tick in range(-WARM_UP, TICKS):
        talkers.exchange()
        began = time.perf_counter()
        mixer.tick()
        if tick >= 0:
            durations[tick] = time.perf_counter() - began
    p50, p99 = np.percentile(durations, (50, 99)) * 1000
    return Row(name, tick_p50=float(p50), tick_p99=float(p99))


def mixer_rows(rate: int = 8000) -> Iterator[Row]:
    """The loads that have a budget."""
    yield tick_time("numpy: 500 legs, all at once", rate, 500, room=10, playing=True, detecting=True)
    yield tick_time("numpy: 500 legs, nothing but drawn", rate, 500)
    yield tick_time("numpy: one room of 1,000", rate, 1000, room=1000)
    yield tick_time("numpy: 25 rooms of 10", rate, 250, room=10)
    yield tick_time("numpy: one room of 250", rate, 250, room=250)
    yield tick_time("numpy: 200 legs recorded", rate, 200, recording=True)


def main() -> None:
    """Print more of them, at one rate."""
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    print(f"{rate} Hz, {TICKS} ticks of 20 ms\n{Row.heading()}")
    print(tick_time("1,024 rows, all idle", rate, 1024))
    print(tick_time("500 legs in rooms of 10", rate, 500, room=10))
    print(tick_time("500 legs in rooms of 2", rate, 500, room=2))
    print(tick_time("500 legs playing clips", rate, 500, playing=True))
    print(tick_time("500 legs with digit detectors", rate, 500, detecting=True))
    print(tick_time("500 legs with machine detection", rate, 500, examining=True))
    print(tick_time("1,000 legs in rooms of 10", rate, 1000, room=10))
    for row in mixer_rows(rate):
        print(row)


if __name__ == "__main__":
    main()
