"""One trunk as it is at this moment: who of its targets answers, and how much it carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from random import Random

from sip.endpoint import Credentials
from voice.bucket import Bucket
from voice.routing.lottery import LEAST_WEIGHT, draw
from voice.settings import Trunk as Configured
from voice.settings import TrunkTarget
from voice.trunks.resolver import Place

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
    asked: float = 0.0
    """When the last ping was sent, in monotonic seconds; 0 before the first."""
    answer: tuple[int, float] | None = None
    """Status of the last answer, and the seconds that it took."""

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
    paused: bool = False
    """Whether it takes no calls of ours for the time being; those that come from it are taken."""
    registered: bool | None = None
    """Whether its registrar knows us; None: it has not said, or is not asked."""
    _bucket: Bucket | None = field(init=False)
    """None: any rate is allowed."""

    def __post_init__(self) -> None:
        own = (TrunkTarget(uri=self.configured.uri),) if self.configured.uri else ()
        self.targets = [Target(each) for each in (*own, *self.configured.targets)]
        rate = self.configured.calls_per_second
        self._bucket = Bucket(rate, max(1.0, rate), 0.0) if rate else None

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
        return draw(self.targets, attrgetter("rank"), attrgetter("weight"), random)

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
                target.asked, target.answer = before.asked, before.answer
        others = [target for target in self.targets if target.configured is not configured]
        self.targets = others + found

    def has_room(self, now: float) -> bool:
        """Whether one more call fits now."""
        most = self.configured.max_calls
        return (not most or self.live < most) and (self._bucket is None or self._bucket.holds(now))

    def enter(self, now: float) -> bool:
        """The same; if it fits, it counts as begun."""
        return self.has_room(now) and (self._bucket is None or self._bucket.take(now))
