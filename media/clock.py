"""The 20 ms clock: one thread on an absolute schedule, and how well it keeps it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from media.frame import FRAME_SECONDS

MAX_BEHIND = 3
"""Ticks that are made up for back to back. Further behind than that, the missed ones are left out: a burst of old audio
would only overflow the far end's jitter buffer."""
REMEMBERED = 3000
"""Durations kept for the percentiles: one minute."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ClockStats:
    """How the clock has fared."""

    ticks: int
    late: int
    """Ticks that began more than 20 ms after their time."""
    skipped: int
    """Ticks left out to catch up."""
    failed: int
    """Ticks that raised."""
    p50: float
    """Median duration of the last minute's ticks, seconds."""
    p99: float
    """Their 99th percentile, seconds."""


def _log_failure(failure: Exception) -> None:
    _log.error("a tick of the media clock failed", exc_info=failure)


class Clock:
    """Calls ``tick`` every 20 ms in a thread of its own, which calls ``on_thread_start`` first.

    What a tick raises goes to ``on_error`` and the clock goes on. ``now`` and ``sleep`` are the monotonic time.
    """

    def __init__(
        self,
        tick: Callable[[], None],
        on_thread_start: Callable[[], None] = lambda: None,
        *,
        on_error: Callable[[Exception], None] = _log_failure,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tick = tick
        self._on_thread_start = on_thread_start
        self._on_error = on_error
        self._now = now
        self._sleep = sleep
        self._due: float | None = None
        self._durations = np.zeros(REMEMBERED)
        self._ticks = self._late = self._skipped = self._failed = 0
        self._running = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to tick; raises RuntimeError when it does already."""
        if self._thread is not None:
            raise RuntimeError("the clock is running")
        self._running = True
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End with the tick that is under way; returns when the thread is gone, unless it is the caller."""
        thread, self._thread = self._thread, None
        self._running = False
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        self._due = None

    def stats(self) -> ClockStats:
        """The counters so far; any thread may ask."""
        recent = self._durations[: min(self._ticks, REMEMBERED)]
        p50, p99 = np.percentile(recent, (50, 99)).tolist() if recent.size else (0.0, 0.0)
        return ClockStats(self._ticks, self._late, self._skipped, self._failed, p50, p99)

    def turn(self) -> None:
        """Wait until the next tick is due and run it. The first one is due at once."""
        began = self._wait()
        try:
            self._tick()
        except Exception as failure:  # noqa: BLE001 - one bad tick must not end the audio of all calls
            self._failed += 1
            self._on_error(failure)
        self._durations[self._ticks % REMEMBERED] = self._now() - began
        self._ticks += 1

    def _wait(self) -> float:
        """Sleep until the due time, move it on, and return the time at which the tick begins."""
        now = self._now()
        due = now if self._due is None else self._due
        while now < due:
            self._sleep(due - now)
            now = self._now()
        behind = now - due
        if behind > FRAME_SECONDS:
            self._late += 1
        if behind > MAX_BEHIND * FRAME_SECONDS:
            missed = int(behind / FRAME_SECONDS)
            self._skipped += missed
            due += missed * FRAME_SECONDS
        self._due = due + FRAME_SECONDS
        return now

    def _run(self) -> None:
        self._on_thread_start()
        while self._running:
            self.turn()
