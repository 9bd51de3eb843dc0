"""The story of a call and of the legs it dialled, read on as it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from voice.story.journal import Entry

MOST_LEGS = 100

ReadOn = Callable[[str, int], tuple[Sequence[Entry], int]]
"""Takes a CallSid and where its journal was left off; returns what was written since, and where that ends."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in the time of the whole call."""

    at: float
    """Seconds since the call began."""
    leg: int
    """0 is the call itself, then its legs in the order in which they were dialled."""
    entry: Entry


@dataclass(slots=True)
class _Leg:
    call_sid: str
    began: float
    place: int = 0


class Follower:
    """Reads the journal of a call and those of its legs, each line once."""

    def __init__(self, call_sid: str, read_on: ReadOn) -> None:
        self._legs = [_Leg(call_sid, 0.0)]
        self._read_on = read_on

    @property
    def legs(self) -> tuple[str, ...]:
        """The CallSids, by the number of the leg."""
        return tuple(leg.call_sid for leg in self._legs)

    def advance(self) -> list[Line]:
        """What was written since the last time, by time; empty when there is nothing new, or no such call."""
        lines: list[Line] = []
        for number, leg in enumerate(self._legs):  # it grows meanwhile
            entries, leg.place = self._read_on(leg.call_sid, leg.place)
            for entry in entries:
                lines.append(Line(leg.began + entry.at, number, entry))
                if entry.kind == "dial" and len(self._legs) < MOST_LEGS:
                    self._legs.append(_Leg(str(entry.data.get("call_sid")), leg.began + entry.at))
        return sorted(lines, key=attrgetter("at"))


def collect(call_sid: str, read: Callable[[str], Sequence[Entry]]) -> list[Line]:
    """All of a call and of the legs it dialled, by time; ``read`` returns the entries of one CallSid. Empty: no such call."""
    return Follower(call_sid, lambda sid, place: (read(sid), place)).advance()
