"""Whether a new call is taken on: capacity, rate, and whether the switch is draining."""

from __future__ import annotations

from collections.abc import Callable

from voice.bucket import Bucket
from voice.calls.registry import Registry
from voice.errors import CallRefused
from voice.settings import Limits

RETRY_SECONDS = 5
"""What a refused caller is told to wait; half a minute's drain or a burst is over by then or will refuse again."""


class Admission:
    """A ceiling on live legs and a token bucket on new calls."""

    def __init__(self, limits: Limits, registry: Registry, now: Callable[[], float]) -> None:
        self.draining = False
        self._limits = limits
        self._registry = registry
        self._now = now
        self._bucket = Bucket(limits.calls_per_second, limits.calls_per_second, now())

    @property
    def full(self) -> bool:
        """Whether the next call would be refused for lack of capacity."""
        return len(self._registry) >= self._limits.max_calls

    def admit(self) -> None:
        """Count one new call in; raises CallRefused with 503."""
        if self.draining:
            raise CallRefused(503, "the switch is being stopped", RETRY_SECONDS)
        if self.full:
            raise CallRefused(503, f"all {self._limits.max_calls} calls are in use", RETRY_SECONDS)
        if not self._bucket.take(self._now()):
            raise CallRefused(503, f"more than {self._limits.calls_per_second} new calls in a second", 1)
