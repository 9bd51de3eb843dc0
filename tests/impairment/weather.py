"""What a bad network does to packets, decided by dice that fall alike for the same seed. Pure: time is an argument."""

from __future__ import annotations

import heapq
import itertools
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weather:
    """Shares are between 0 and 1, times in seconds."""

    loss: float = 0
    jitter: float = 0
    """Each packet is held for up to so long, and overtakes none."""
    overtaken: float = 0
    """This share is held long enough for two others to pass."""
    doubled: float = 0


OVERTAKEN_FOR = 0.05


class Passage:
    """One direction: packets go in, and come out later, twice or never."""

    def __init__(self, weather: Weather, seed: int) -> None:
        self._weather = weather
        self._dice = random.Random(seed)
        self._waiting: list[tuple[float, int, bytes]] = []
        self._numbers = itertools.count()
        self._last = 0.0

    def enter(self, packet: bytes, now: float) -> None:
        """A packet has come; the dice are thrown as often whatever they say."""
        weather, dice = self._weather, self._dice
        lost, held, overtaken, doubled = (dice.random() for _ in range(4))
        if lost < weather.loss:
            return
        due = self._last = max(self._last, now + held * weather.jitter)
        if overtaken < weather.overtaken:
            due += OVERTAKEN_FOR
        for _ in range(2 if doubled < weather.doubled else 1):
            heapq.heappush(self._waiting, (due, next(self._numbers), packet))

    def leave(self, now: float) -> list[bytes]:
        """Those whose time has come."""
        left = []
        while self._waiting and self._waiting[0][0] <= now:
            left.append(heapq.heappop(self._waiting)[2])
        return left

    @property
    def next_due(self) -> float | None:
        """When the next one leaves."""
        return self._waiting[0][0] if self._waiting else None
