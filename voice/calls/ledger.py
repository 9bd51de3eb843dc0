"""The row of every call in the store, from its first moment to its last (spec section 4.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from markup.commands import Report
from voice.calls.call import ENDED, Call
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.web.progress import Progress

Row = dict[str, Any]


class Ledger:
    """Writes down each step of each call.

    ``node`` names this process, ``wall`` is the time of day in UTC, ``now`` that of the calls; ``reported`` gets the errors and
    warnings of all calls.
    """

    def __init__(
        self,
        database: Database,
        node: str,
        wall: Callable[[], datetime],
        now: Callable[[], float],
        reported: Callable[[Call, Report], None],
    ) -> None:
        self._reported = reported
        self._database = database
        self._node = node
        self._wall = wall
        self._now = now
        self._live: dict[str, Row] = {}

    def open(self, call: Call, *, order: Mapping[str, Any] | None = None, phone_number_sid: str = "") -> None:
        """Keep the row of a call from now on; ``order`` is what one is to do that has to wait until it is placed."""
        now = self._wall()
        row = {"date_created": now, "node": self._node, "phone_number_sid": phone_number_sid or None, "order": order}
        self._keep(call, row)

    def reopen(self, call: Call, row: Mapping[str, Any]) -> None:
        """Go on with a row of an earlier process."""
        self._keep(call, dict(row))

    def note(self, call: Call) -> None:
        """Write down what a call has become."""
        row, now = self._live.get(call.sid), self._wall()
        if row is None:
            return
        if call.status != "queued":
            row["order"] = None
            if row.get("start_time") is None:
                row["start_time"] = now
                row["queue_time"] = (now - row["date_created"]) // timedelta(milliseconds=1)
        row |= _facts(call)
        row["date_updated"] = now
        if call.status in ENDED:
            row["end_time"] = now if call.ended is None else now - timedelta(seconds=self._now() - call.ended)
            row["duration"] = call.duration
            del self._live[call.sid]
        self._database.put(CALLS, dict(row))

    def row(self, call_sid: str) -> Mapping[str, Any] | None:
        """The row of a live call."""
        return self._live.get(call_sid)

    def explain(self, call: Call, reason: str) -> None:
        """Write down why a call has ended or is about to."""
        row = self._live.get(call.sid)
        if row is not None:
            row["reason"] = reason

    def _keep(self, call: Call, row: Row) -> None:
        self._live[call.sid] = row
        call.on_status.append(self.note)
        call.on_report.append(self._reported)
        self.note(call)


def _facts(call: Call) -> Row:
    party = call.party
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent_sid or None,
        "to": party.to,
        "from": party.from_,
        "forwarded_from": dict(party.extra).get("ForwardedFrom"),
        "caller_name": dict(party.extra).get("CallerName"),
        "status": call.status,
        "direction": call.direction,
        "answered_by": call.answered_by or None,
        "sip_call_id": call.sip_call_id,
        "response_code": call.response_code,
        "extra": [list(pair) for pair in party.extra],
        "subscriptions": [each.state for each in call.on_status if isinstance(each, Progress)],
    }
