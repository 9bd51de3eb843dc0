"""Sources whose requests are not heard for a while; of bounded size."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from sip.uri import neighbourhood, split_source

MOST = 10_000
"""Sources; those that were added first are heard again first."""


class Shunned:
    """Addresses, networks of IPv6 and single ports.

    One thread adds and another asks: each step is a single one of the dictionary's.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._until)

    def add(self, source: str, seconds: float) -> None:
        """Hear a source, ``address:port`` or what ``neighbourhood`` says of an address, no more for some time."""
        self._until[source] = self._now() + seconds
        if len(self._until) > MOST:
            self._until.popitem(last=False)

    def holds(self, source: str) -> bool:
        """Whether a packet from ``address:port`` is to be ignored."""
        return bool(self._until) and any(self._is_held(key) for key in (source, neighbourhood(split_source(source)[0])))

    def _is_held(self, key: str) -> bool:
        until = self._until.get(key)
        if until is None:
            return False
        if until > self._now():
            return True
        self._until.pop(key, None)
        return False
