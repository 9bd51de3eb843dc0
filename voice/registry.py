"""The live calls of one server, found by SID, by network leg and by SIP Call-ID."""

from __future__ import annotations

from collections.abc import Iterator

from sip.events import LegId
from voice.line import Line


class Registry:
    """Every line that has not ended."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Line] = {}
        self._by_leg: dict[LegId, Line] = {}
        self._by_call_id: dict[str, Line] = {}

    def __len__(self) -> int:
        return len(self._by_sid)

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._by_sid.values()))

    def add(self, line: Line) -> None:
        """Know a line from now on."""
        call = line.call
        self._by_sid[call.sid] = line
        if call.leg is not None:
            self._by_leg[call.leg] = line
        if call.sip_call_id:
            self._by_call_id[call.sip_call_id] = line

    def remove(self, line: Line) -> None:
        """Forget a line that has ended."""
        call = line.call
        self._by_sid.pop(call.sid, None)
        if call.leg is not None:
            self._by_leg.pop(call.leg, None)
        self._by_call_id.pop(call.sip_call_id, None)

    def by_sid(self, sid: str) -> Line | None:
        """The live line with this CallSid."""
        return self._by_sid.get(sid)

    def by_leg(self, leg: LegId) -> Line | None:
        """The live line on this network leg."""
        return self._by_leg.get(leg)

    def by_call_id(self, call_id: str) -> Line | None:
        """The live line of this SIP dialog."""
        return self._by_call_id.get(call_id)
