"""``/Calls/{CA}/Events``: every webhook of a call and every REST request about it, with its answer (spec section 4.12)."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from voice.api.operation import Ask, get
from voice.api.paging import Page, Place, slice_page
from voice.api.parameters import snake
from voice.api.shapes import Shape, anything, written
from voice.store import records
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.story.journal import Entry, JournalFiles

MOST_EVENTS = 10_000
"""Of one call; later ones are only in its journal."""

EVENT = Shape("Event", {"request": anything(), "response": anything()})


class Events:
    """The resource; it reads what the journals say."""

    def __init__(self, journals: JournalFiles, database: Database) -> None:
        self._journals = journals
        self._database = database

    @get("/Calls/{CallSid}/Events", EVENT, lists="events")
    async def list(self, ask: Ask) -> Page:
        """The events of a call, the oldest first."""
        row = await self._database.read(records.find(CALLS, ask.account.sid, ask.keys["CallSid"]))
        if row is None:
            raise ask.not_found()
        found = await asyncio.to_thread(_read, self._journals, row["sid"])
        began: datetime = row["date_created"]
        places: list[Place] = [
            (began + timedelta(seconds=entry.at), f"EV{number:032x}") for number, (entry, _) in enumerate(found)
        ]
        rows = [_event(asked, answered, moment) for (asked, answered), (moment, _) in zip(found, places, strict=True)]
        return slice_page(rows, ask.page, places)


def _read(journals: JournalFiles, call_sid: str) -> list[tuple[Entry, Entry | None]]:
    entries = journals.select(call_sid, {"request", "response", "callback", "api"})
    return sorted(itertools.islice(_pairs(entries), MOST_EVENTS), key=lambda pair: pair[0].at)


def _pairs(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry | None]]:
    """Each request with what came back, in the order of the requests; none for one that is still under way."""
    asked: list[tuple[Entry, list[Entry]]] = []
    waiting: dict[object, list[list[Entry]]] = {}
    for entry in entries:
        url = entry.data.get("url")
        if entry.kind != "response":
            answers = [entry] if entry.kind != "request" else []
            asked.append((entry, answers))
            if not answers:
                waiting.setdefault(url, []).append(answers)
        elif waiting.get(url):
            waiting[url].pop(0).append(entry)
    yield from ((request, answers[0] if answers else None) for request, answers in asked)


def _event(request: Entry, response: Entry | None, moment: datetime) -> dict[str, Any]:
    asked, got = request.data, response.data if response is not None else {}
    parameters = asked.get("parameters")
    named = parameters if isinstance(parameters, Mapping) else {}
    status = int(str(got.get("status") or 0))
    return {
        "request": {
            "method": asked.get("method"),
            "url": asked.get("url"),
            "parameters": {snake(name): value for name, value in named.items()},
        },
        "response": {
            "response_code": status or None,
            "request_duration": round(float(str(got.get("seconds") or 0)) * 1000),
            "content_type": got.get("content_type") or None,
            "response_body": got.get("body") or None,
            "date_created": written(moment),
        },
    }
