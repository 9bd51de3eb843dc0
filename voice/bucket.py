"""A bucket of tokens: how often something may happen, with a burst of so much at once."""

from __future__ import annotations


class Bucket:
    """Full at ``now``, refilled at ``rate`` tokens a second up to ``size``; all moments are in seconds of one clock."""

    __slots__ = ("_filled", "_rate", "_size", "_tokens")

    def __init__(self, rate: float, size: float, now: float) -> None:
        self._rate = rate
        self._size = size
        self.fill(now)

    def fill(self, now: float) -> None:
        """Make it full again."""
        self._tokens = self._size
        self._filled = now

    def holds(self, now: float) -> bool:
        """Whether there is a token."""
        self._tokens = min(self._size, self._tokens + (now - self._filled) * self._rate)
        self._filled = now
        return self._tokens >= 1

    def take(self, now: float) -> bool:
        """Take a token; whether there was one."""
        if not self.holds(now):
            return False
        self._tokens -= 1
        return True
