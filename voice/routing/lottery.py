"""Choice by priority and weight, as SRV records have it (RFC 2782)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, TypeVar

LEAST_WEIGHT = 0.01
"""What a weight of 0 is taken for: chosen hardly ever, but not never."""

T = TypeVar("T")


def draw(tickets: Iterable[T], rank: Callable[[T], Any], weight: Callable[[T], float], random: Random) -> Iterator[T]:
    """All of them: the lowest rank first, and within one rank by chance as the weights say."""
    left = sorted(tickets, key=rank)
    while left:
        first = [each for each in left if rank(each) == rank(left[0])]
        (chosen,) = random.choices(first, [weight(each) or LEAST_WEIGHT for each in first])
        left.remove(chosen)
        yield chosen
