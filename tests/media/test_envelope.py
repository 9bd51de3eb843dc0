"""How loud legs are, every 100 ms, from exact samples."""

from __future__ import annotations

import numpy as np

from media.bus import Bus
from media.envelope import BATCH, CODES, FRAMES, Envelopes
from media.events import EnvelopeMeasured
from media.track import Hearing


def measured(envelopes: Envelopes, ticks: int) -> list[EnvelopeMeasured]:
    events = [event for _ in range(ticks) for event in envelopes.take()]
    return [event for event in events if isinstance(event, EnvelopeMeasured)]


def decibels(code: str) -> int:
    return CODES.index(code.encode()) - len(CODES) + 1


def test_peak_and_power_of_both_directions_are_told_in_batches() -> None:
    bus = Bus(8000, 4)
    envelopes = Envelopes(bus, Hearing(bus), lambda order: order())
    envelopes.draw(7, 2)
    bus.rx[2] = np.tile(np.array([-32768, 32767], np.int16), 80)
    bus.tx[2] = np.round(3276.8 * np.sin(np.arange(160) * 0.3)).astype(np.int16)
    (event,) = measured(envelopes, FRAMES * BATCH)
    assert (event.id, event.blocks, event.last) == (7, BATCH, False)
    assert {decibels(code) for code in event.heard} == {0}
    assert {decibels(code) for code in event.said[::2]} == {-20}
    assert {decibels(code) for code in event.said[1::2]} == {-23}


def test_a_row_that_nobody_watches_costs_no_event_and_silence_is_the_faintest() -> None:
    bus = Bus(8000, 4)
    envelopes = Envelopes(bus, Hearing(bus), lambda order: order())
    assert measured(envelopes, 300) == []
    envelopes.draw(1, 0)
    (event,) = measured(envelopes, FRAMES * BATCH)
    assert set(event.heard + event.said) == {"A"}


def test_what_is_known_is_told_when_asked_for_and_the_rest_at_the_end() -> None:
    bus = Bus(8000, 4)
    envelopes = Envelopes(bus, Hearing(bus), lambda order: order())
    envelopes.draw(1, 0)
    assert measured(envelopes, 3 * FRAMES) == []
    envelopes.tell(0)
    assert [event.blocks for event in measured(envelopes, 2 * FRAMES)] == [3]
    envelopes.forget(0)
    assert [(event.blocks, event.last) for event in measured(envelopes, 1)] == [(2, True)]
    assert measured(envelopes, 300) == []


def test_who_comes_and_goes_within_a_block_leaves_the_others_whole() -> None:
    bus = Bus(8000, 4)
    envelopes = Envelopes(bus, Hearing(bus), lambda order: order())
    envelopes.draw(1, 0)
    envelopes.draw(2, 1)
    measured(envelopes, 2)
    envelopes.draw(3, 2)
    envelopes.forget(1)
    bus.rx[0] = 1000
    told = measured(envelopes, FRAMES * (BATCH + 1))
    assert [(event.id, event.blocks) for event in told] == [(2, 0), (1, BATCH), (3, BATCH)]
    assert len(set(next(event.heard for event in told if event.id == 1))) == 2, "the first block had two silent frames"


def test_a_bridged_leg_hears_its_peer() -> None:
    bus = Bus(8000, 4)
    hearing = Hearing(bus)
    envelopes = Envelopes(bus, hearing, lambda order: order())
    envelopes.draw(1, 0)
    bus.rx[1] = 16384
    hearing.follow(0, 1)
    (event,) = measured(envelopes, FRAMES * BATCH)
    assert {decibels(code) for code in event.said} == {-6}
    assert set(event.heard) == {"A"}
