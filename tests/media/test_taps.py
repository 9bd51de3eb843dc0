from __future__ import annotations

from collections.abc import Callable

import pytest

from media.bus import Bus
from media.events import MediaEvent, SoundMeasured
from media.frame import Samples
from media.mixer import Mixer


def _measured(events: list[MediaEvent]) -> list[tuple[int, int]]:
    return [
        (event.id, round(event.sound.tone.hertz)) for event in events if isinstance(event, SoundMeasured) and event.sound.tone
    ]


def test_sounds_are_reported_under_the_id_that_asked_until_the_row_is_given_back(sine: Callable[..., Samples]) -> None:
    bus, events = Bus(8000, 4), list[MediaEvent]()
    mixer = Mixer(bus, [], events.extend)
    one, other = bus.claim(), bus.claim()
    frames = {one: sine(1000, 0.8).reshape(-1, 160), other: sine(500, 0.8).reshape(-1, 160)}
    mixer.taps.measure(7, other)
    mixer.taps.measure(8, one)
    for tick in range(40):
        for row, said in frames.items():
            bus.rx[row] = said[tick]
        if tick == 10:
            mixer.taps.forget_measure(other)
        if tick == 20:
            mixer.release(one)
        mixer.tick()
    assert _measured(events) == [(8, 1000), (7, 500)] * 2 + [(8, 1000)] * 2


def test_a_row_that_does_not_exist_is_not_measured() -> None:
    with pytest.raises(ValueError, match="no row 4"):
        Mixer(Bus(8000, 4), [], lambda events: None).taps.measure(1, 4)
