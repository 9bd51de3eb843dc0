"""One trunk as it is at this moment: who of its targets answers, and how much it carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from sip.endpoint import Credentials
from voice.settings import Trunk as Configured
from voice.settings import TrunkTarget
from voice.trunks.resolver import LEAST_WEIGHT, Place

FAILED_PINGS = 2
"""Unanswered OPTIONS in a row after which a target is down; one answer takes it up again."""
DEAD = frozenset({408, 503})
"""Answers to OPTIONS that say as much as none."""


@dataclass(slots=True)
class Target:
    """One address of a trunk."""

    configured: TrunkTarget
    place: Place | None = None
    """Where its name leads; None: the network layer finds out."""
    up: bool = True
    missed: int = 0
    waiting: str = ""
    """The ping that is not answered yet."""

    @property
    def hop(self) -> str:
        """What OPTIONS asks."""
        return self.place.hop if self.place is not None else self.configured.uri

    @property
    def weight(self) -> float:
        """How often it is the first among those of its rank."""
        share = self.place.share if self.place is not None else 1.0
        return (self.configured.weight or LEAST_WEIGHT) * share

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The lowest is tried first."""
        return not self.up, self.configured.priority, self.place.priority if self.place is not None else 0

    def hear(self, code: int) -> bool:
        """Take the answer to a ping, 408 for none; whether the target has gone up or down by that."""
        before = self.up
        self.waiting = ""
        self.missed = self.missed + 1 if code in DEAD else 0
        self.up = self.missed < FAILED_PINGS
        return self.up != before


@dataclass(slots=True)
class Trunk:
    """A trunk of the settings."""

    configured: Configured
    targets: list[Target] = field(init=False)
    live: int = 0
    """Legs that have not ended."""
    refused: int = 0
    """Calls that its limits kept away."""
    registered: bool | None = None
    """Whether its registrar knows us; None: it has not said, or is not asked."""
    _allowance: float = field(init=False)
    _counted: float = 0.0

    def __post_init__(self) -> None:
        own = (TrunkTarget(uri=self.configured.uri),) if self.configured.uri else ()
        self.targets = [Target(each) for each in (*own, *self.configured.targets)]
        self._allowance = max(1.0, self.configured.calls_per_second)

    @property
    def name(self) -> str:
        """Names it in the settings, logs and metrics."""
        return self.configured.name

    @property
    def credentials(self) -> Credentials | None:
        """What it may ask of us."""
        return Credentials(self.configured.username, self.configured.password) if self.configured.username else None

    def matches(self, number: str) -> int:
        """How many digits of a number its longest fitting prefix has; -1 for none."""
        return max((len(prefix) for prefix in self.configured.prefixes if number.startswith(prefix)), default=-1)

    def ordered(self, random: Random) -> Iterator[Target]:
        """Its targets as they are to be tried: those that live first, by priority, and within one by chance and weight."""
        left = sorted(self.targets, key=lambda target: target.rank)
        while left:
            first = [each for each in left if each.rank == left[0].rank]
            (chosen,) = random.choices(first, [each.weight for each in first])
            left.remove(chosen)
            yield chosen

    def locate(self, configured: TrunkTarget, places: Iterable[Place]) -> None:
        """Know where the name of a target leads: those that are there already keep what is known of their health."""
        known = {target.hop: target for target in self.targets if target.configured is configured}
        found = [Target(configured, place) for place in places]
        if not found:
            return  # it stays where it was
        for target in found:
            before = known.get(target.hop)
            if before is not None:
                target.up, target.missed, target.waiting = before.up, before.missed, before.waiting
        others = [target for target in self.targets if target.configured is not configured]
        self.targets = others + found

    def has_room(self, now: float) -> bool:
        """Whether one more call fits now."""
        limits = self.configured
        if limits.calls_per_second:
            most = max(1.0, limits.calls_per_second)
            self._allowance = min(most, self._allowance + (now - self._counted) * limits.calls_per_second)
            self._counted = now
        return (not limits.max_calls or self.live < limits.max_calls) and (not limits.calls_per_second or self._allowance >= 1)

    def enter(self, now: float) -> bool:
        """The same; if it fits, it counts as begun."""
        if not self.has_room(now):
            return False
        self._allowance -= 1
        return True
