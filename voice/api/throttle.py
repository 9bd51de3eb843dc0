"""How many requests an account may make (spec section 4.1)."""

from __future__ import annotations

from collections.abc import Callable

from voice.api.errors import ApiError
from voice.bucket import Bucket

TOO_MANY = 20429
BURST_SECONDS = 2.0
"""A quiet account may make as many requests at once as this time allows."""
MOST_ACCOUNTS = 10_000


class Throttle:
    """A bucket of tokens for each account; ``rate`` is in requests a second, ``now`` in monotonic seconds."""

    def __init__(self, rate: float, now: Callable[[], float]) -> None:
        self._rate = rate
        self._now = now
        self._buckets: dict[str, Bucket] = {}

    def admit(self, account_sid: str) -> None:
        """Take a token. Raises ApiError 429 with Retry-After when there is none."""
        now = self._now()
        bucket = self._buckets.get(account_sid)
        if bucket is None:
            if len(self._buckets) >= MOST_ACCOUNTS:
                self._buckets.clear()
            bucket = self._buckets[account_sid] = Bucket(self._rate, self._rate * BURST_SECONDS, now)
        if not bucket.take(now):
            raise ApiError(429, TOO_MANY, "Too many requests", {"Retry-After": "1"})
