"""The live calls of one server, found by SID and by network leg."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sip.events import Event, LegId
from voice.calls.line import Line


class Registry:
    """Every line that has not ended."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Line] = {}
        self._by_leg: dict[LegId, Line] = {}
        self._listeners: dict[LegId, Callable[[Event], None]] = {}

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._by_sid.values()))

    def going_out(self, account_sid: str) -> tuple[int, float]:
        """How many calls of an account go out just now, and how many seconds they have talked."""
        calls = [line.call for line in self._by_sid.values() if line.call.account_sid == account_sid]
        talked = [call.duration for call in calls if call.direction != "inbound"]
        return len(talked), sum(talked)

    def add(self, line: Line) -> None:
        """Know a line from now on; its call has its leg already. The events of a leg are for the line that had it first."""
        assert line.call.leg is not None
        self._by_sid[line.call.sid] = line
        self.follow(line)

    def follow(self, line: Line) -> None:
        """Know a line by the legs that it has now as well."""
        for leg in line.legs:
            self._by_leg.setdefault(leg, line)

    def release(self, leg: LegId) -> None:
        """Forget a leg that has ended, though its line may go on."""
        self._by_leg.pop(leg, None)

    def remove(self, line: Line) -> None:
        """Forget a line that has ended."""
        self._by_sid.pop(line.call.sid, None)
        for leg in line.legs:
            if self._by_leg.get(leg) is line:
                del self._by_leg[leg]

    def listen(self, leg: LegId, hear: Callable[[Event], None]) -> None:
        """Tell the events of a leg that is no call of a customer's."""
        self._listeners[leg] = hear

    def deafen(self, leg: LegId) -> None:
        """Tell them no more."""
        self._listeners.pop(leg, None)

    def listener(self, leg: LegId) -> Callable[[Event], None] | None:
        """Whom to tell of a leg that no line has."""
        return self._listeners.get(leg)

    def by_sid(self, sid: str) -> Line | None:
        """The live line with this CallSid."""
        return self._by_sid.get(sid)

    def by_leg(self, leg: LegId) -> Line | None:
        """The live line on this network leg."""
        return self._by_leg.get(leg)
