from __future__ import annotations

import logging
import threading

import pytest

from media.clock import MAX_BEHIND, REMEMBERED, Clock


class Time:
    """A clock that only sleep and work move on; each sleep lasts a little longer than asked."""

    def __init__(self) -> None:
        self.now = 100.0
        self.ticks: list[float] = []
        self.work: list[float] = []
        """Seconds that the next ticks take."""
        self.oversleep = 0.0001

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.oversleep

    def tick(self) -> None:
        self.ticks.append(round(self.now - 100, 4))
        self.now += self.work.pop(0) if self.work else 0.001

    def clock(self) -> Clock:
        return Clock(self.tick, now=lambda: self.now, sleep=self.sleep)


def test_ticks_keep_an_absolute_schedule() -> None:
    time = Time()
    clock = time.clock()
    for _ in range(5):
        clock.turn()
    assert time.ticks == [0.0, 0.0201, 0.0401, 0.0601, 0.0801]
    stats = clock.stats()
    assert (stats.ticks, stats.late, stats.skipped, stats.failed) == (5, 0, 0, 0)
    assert stats.p50 == pytest.approx(0.001)


def test_a_short_delay_is_caught_up_without_leaving_a_tick_out() -> None:
    time = Time()
    time.work = [0.065]
    clock = time.clock()
    for _ in range(5):
        clock.turn()
    assert time.ticks == [0.0, 0.065, 0.066, 0.067, 0.0801]
    stats = clock.stats()
    assert (stats.late, stats.skipped) == (2, 0)


def test_after_a_long_delay_the_missed_ticks_are_left_out() -> None:
    time = Time()
    time.work = [1.015]
    clock = time.clock()
    for _ in range(4):
        clock.turn()
    assert time.ticks == [0.0, 1.015, 1.0201, 1.0401]
    stats = clock.stats()
    assert (stats.late, stats.skipped) == (1, 49)
    assert stats.p99 > 0.9
    assert MAX_BEHIND * 0.02 < 1


def test_a_failing_tick_is_reported_and_the_next_one_comes() -> None:
    time = Time()
    failures: list[Exception] = []

    def tick() -> None:
        time.tick()
        if len(time.ticks) == 1:
            raise OSError("once")

    clock = Clock(tick, on_error=failures.append, now=lambda: time.now, sleep=time.sleep)
    clock.turn()
    clock.turn()
    assert time.ticks == [0.0, 0.0201]
    assert [str(failure) for failure in failures] == ["once"]
    assert clock.stats().failed == 1


def test_a_failure_is_logged_when_nobody_asked_for_it(caplog: pytest.LogCaptureFixture) -> None:
    def tick() -> None:
        raise OSError("broken")

    with caplog.at_level(logging.ERROR):
        Clock(tick, now=lambda: 0.0, sleep=lambda seconds: None).turn()
    assert "broken" in caplog.text


def test_percentiles_are_those_of_the_last_minute() -> None:
    time = Time()
    clock = time.clock()
    assert (clock.stats().p50, clock.stats().p99) == (0.0, 0.0)
    time.work = [0.015] * 10
    for _ in range(10 + REMEMBERED):
        clock.turn()
    assert clock.stats().p99 == pytest.approx(0.001)


def test_the_thread_begins_with_its_own_function_and_ends_when_stopped() -> None:
    names: list[str] = []
    enough = threading.Event()

    def tick() -> None:
        names.append(threading.current_thread().name)
        if len(names) == 4:
            enough.set()

    clock = Clock(tick, lambda: names.append("start"))
    clock.start()
    with pytest.raises(RuntimeError, match="running"):
        clock.start()
    assert enough.wait(30)
    clock.stop()
    count = len(names)
    assert names[:4] == ["start", "media", "media", "media"]
    assert clock.stats().ticks == count - 1
    clock.stop()
    assert "media" not in [thread.name for thread in threading.enumerate()]


def test_a_tick_may_stop_its_own_clock() -> None:
    done = threading.Event()

    def tick() -> None:
        clock.stop()
        done.set()

    clock = Clock(tick)
    clock.start()
    assert done.wait(30)
