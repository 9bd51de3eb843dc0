"""One trunk as it is at this moment: who of its targets answers, and how much it carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from sip.endpoint import Credentials
from voice.settings import Trunk as Configured
from voice.settings import TrunkTarget

LEAST_WEIGHT = 0.01
"""What a weight of 0 is taken for: chosen hardly ever, but not never (RFC 2782)."""
FAILED_PINGS = 2
"""Unanswered OPTIONS in a row after which a target is down; one answer takes it up again."""
DEAD = frozenset({408, 503})
"""Answers to OPTIONS that say as much as none."""


@dataclass(slots=True)
class Target:
    """One address of a trunk."""

    configured: TrunkTarget
    up: bool = True
    missed: int = 0
    waiting: str = ""
    """The ping that is not answered yet."""

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
        left = sorted(self.targets, key=lambda target: (not target.up, target.configured.priority))
        while left:
            first = [each for each in left if _rank(each) == _rank(left[0])]
            (chosen,) = random.choices(first, [each.configured.weight or LEAST_WEIGHT for each in first])
            left.remove(chosen)
            yield chosen

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


def _rank(target: Target) -> tuple[bool, int]:
    return (not target.up, target.configured.priority)
