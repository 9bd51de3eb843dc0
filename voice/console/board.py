"""The live calls as everybody sees them who looks: one picture for all viewers, of which only changes are sent."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any

from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.story.metrics import Reading

MOST_SHOWN = 500
"""Live calls in one picture."""
PERIOD_SECONDS = 0.3
KEPT = 8
"""Changes that a slow viewer may still catch up with; who is further behind gets the whole picture."""
SHOWN = frozenset(
    {
        "calls_limit",
        "callers_queued",
        "conferences_live",
        "contacts_registered",
        "streams_live",
        "tick_p99_seconds",
        "ticks_late_total",
    }
)
"""The readings that the page shows."""

Row = dict[str, Any]


class Board:
    """What is the case just now; ``levels`` are those of every row of the bus, two codes each, ``now`` monotonic seconds."""

    def __init__(
        self,
        registry: Registry,
        levels: Callable[[], bytes],
        readings: Callable[[], Iterable[Reading]],
        now: Callable[[], float],
    ) -> None:
        self._registry = registry
        self._levels = levels
        self._readings = readings
        self._now = now
        self._rows: dict[str, Row] = {}
        self._state: Row = {}
        self._version = 0
        self._drawn = -PERIOD_SECONDS
        self._changes: deque[tuple[int, str]] = deque(maxlen=KEPT)

    async def messages(self) -> AsyncIterator[str]:
        """The whole picture, then what changes in it; one message in each period, empty when nothing has."""
        self._draw()
        seen = self._version
        yield self._whole()
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            self._draw()
            missed = [text for version, text in self._changes if version > seen]
            if len(missed) < self._version - seen:
                missed = [self._whole()]
            seen = self._version
            if not missed:
                yield ""
            for text in missed:
                yield text

    def _draw(self) -> None:
        """Bring the picture up to date, once in a period however many look."""
        moment = self._now()
        if moment - self._drawn < PERIOD_SECONDS / 2:
            return
        self._drawn = moment
        lines = [line for line, _ in zip(self._registry, range(MOST_SHOWN), strict=False)]
        rows = {line.call.sid: _row(line) for line in lines}
        state = {name: value for name, _, value in self._readings() if name in SHOWN}
        change: Row = {
            "put": [row for sid, row in rows.items() if self._rows.get(sid) != row],
            "gone": [sid for sid in self._rows if sid not in rows],
        }
        levels = _levels(lines, self._levels())
        if change["put"] or change["gone"] or state != self._state or levels:
            self._version += 1
            change |= {"count": len(self._registry), "now": moment, "state": state, "levels": levels}
            self._changes.append((self._version, json.dumps(change)))
        self._rows, self._state = rows, state

    def _whole(self) -> str:
        rows = list(self._rows.values())
        whole = {"all": rows, "count": len(self._registry), "now": self._drawn, "state": self._state, "levels": {}}
        return json.dumps(whole)


def _row(line: Line) -> Row:
    call = line.call
    return {
        "sid": call.sid,
        "account": call.account_sid,
        "parent": call.parent_sid,
        "from": call.party.from_,
        "to": call.party.to,
        "direction": call.direction,
        "status": call.status,
        "since": round(call.created if call.answered is None else call.answered, 2),
        "reports": call.reports,
    }


def _levels(lines: Iterable[Line], levels: bytes) -> Mapping[str, str]:
    """What each call says and hears, where there is anything to see."""
    rows = ((line.call.sid, line.call.row) for line in lines)
    found = ((sid, levels[2 * row : 2 * row + 2].decode("ascii")) for sid, row in rows if row is not None)
    return {sid: codes for sid, codes in found if codes != "AA"}
