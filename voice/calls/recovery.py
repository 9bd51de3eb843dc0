"""What an earlier process left behind when it died: its calls and conferences are ended, calls that waited are placed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from sqlalchemy import Connection, select

from markup.commands import Report
from voice.calls.call import ENDED, Call, Party
from voice.calls.outbound import Outbound
from voice.calls.placing import Order
from voice.calls.resources import Resources
from voice.conference.archive import abandon_conferences
from voice.conference.notices import tell_of_the_end
from voice.store.tables.calls import CALLS
from voice.story.journal import Entry, Journal
from voice.story.reports import report
from voice.web.progress import Progress

INTERRUPTED = 15000
"""Call progress: internal error."""
REASON = "the switch stopped while the call was live"

Row = Mapping[str, Any]
Read = Callable[[Mapping[str, Any], str], Order]

_log = structlog.get_logger("recovery")


async def recover_calls(resources: Resources, outbound: Outbound, read: Read) -> None:
    """Fail the calls of this node that were live, complete its conferences, and queue calls again that waited to be placed.

    ``read`` turns the form of a new call and its account into an order. Raises StoreUnavailable.
    """
    node = resources.settings.node
    for conference in await resources.database.transact(abandon_conferences(node, resources.wall())):
        tell_of_the_end(resources.callbacks, conference, resources.wall())
    rows = await resources.database.read(lambda connection: _left(connection, node))
    waiting = [row for row in rows if row["status"] == "queued" and row["order"]]
    live = [row for row in rows if row not in waiting]
    journals = await asyncio.to_thread(lambda: [resources.journals.read(row["sid"]) for row in live])
    for row, entries in zip(live, journals, strict=True):
        _fail(resources, row, entries)
    for row in waiting:
        _resume(resources, outbound, row, read)
    if rows:
        _log.warning("calls of an earlier process", failed=len(live), resumed=len(waiting))


def _left(connection: Connection, node: str) -> list[Row]:
    query = select(CALLS).where(CALLS.c.node == node, CALLS.c.status.not_in(sorted(ENDED))).order_by(CALLS.c.date_created)
    return [dict(row) for row in connection.execute(query).mappings()]


def _resume(resources: Resources, outbound: Outbound, row: Row, read: Read) -> None:
    try:
        order = read(row["order"], row["account_sid"])
    except Exception as error:  # noqa: BLE001 - whatever a newer version does not take any more
        _log.error("a queued call cannot be placed any more", call_sid=row["sid"], error=str(error))
        _fail(resources, row, [])
        return
    outbound.resume(row, order)


def _fail(resources: Resources, row: Row, entries: list[Entry]) -> None:
    """End a call at its last sign of life, which is the last entry of its journal."""
    began = resources.now() - (resources.wall() - row["date_created"]).total_seconds()
    last = began + (entries[-1].at if entries else 0.0)
    call = _revive(resources, row, began, lambda: last)
    answered = next((entry.at for entry in entries if entry.data.get("status") == "in-progress"), None)
    call.answered = None if answered is None else began + answered
    report(call, resources.metrics, Report(INTERRUPTED, REASON, "error"))
    resources.ledger.explain(call, REASON)
    call.advance("failed")


def _revive(resources: Resources, row: Row, began: float, now: Callable[[], float]) -> Call:
    journal = Journal(row["sid"], now, resources.journals.write, began)
    party = Party(row["from"], row["to"], tuple((name, value) for name, value in row["extra"] or ()))
    call = Call(row["sid"], row["account_sid"], row["direction"], party, journal, now, parent_sid=row["parent_call_sid"] or "")
    call.sip_call_id, call.status, call.answered_by = row["sip_call_id"], row["status"], row["answered_by"] or ""
    for told in row["subscriptions"] or ():
        progress = Progress(
            resources.callbacks, told["url"], told["method"], told["events"], resources.wall, sequence=told["sequence"]
        )
        call.on_status.append(progress)
    resources.ledger.reopen(call, row)
    return call
