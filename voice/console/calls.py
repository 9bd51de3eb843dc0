"""Calls as the console shows them: those that live, those in the store, and one of them from beginning to end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse

from voice.calls.admission import Admission
from voice.calls.registry import Registry
from voice.calls.switch import Switch
from voice.console.pages import export
from voice.errors import ChangeRefused
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.story.diagnosis import explain
from voice.story.journal import JournalFiles
from voice.story.trace import collect

MOST_SHOWN = 500
"""Live calls in one picture."""
MOST_LINES = 5_000
MOST_VIEWERS = 50
PAGE = 50
PERIOD_SECONDS = 0.5
QUIET_SECONDS = 15.0
"""After which something is sent although nothing has changed, so that a vanished viewer is noticed."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the calls of the console come from."""

    registry: Registry
    switch: Switch
    admission: Admission
    journals: JournalFiles
    database: Database


class CallDesk:
    """Answers about calls of every account."""

    def __init__(self, ways: Surroundings) -> None:
        self._ways = ways
        self._viewers = 0

    async def live(self, request: Request) -> Response:
        """Pictures of the live calls as server-sent events, one whenever something has changed."""
        if self._viewers >= MOST_VIEWERS:
            return JSONResponse({"message": "Too many look already."}, 503)
        return StreamingResponse(self._pictures(), media_type="text/event-stream")

    async def history(self, request: Request) -> Response:
        """The newest calls, of which ``q`` is a part of the number, SID or status; ``page`` counts from 0."""
        wanted = request.query_params.get("q", "")[:100].strip()
        number = request.query_params.get("page", "0")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
        rows = await self._ways.database.read(lambda connection: _find(connection, wanted, page))
        return JSONResponse({"calls": [_row(row) for row in rows[:PAGE]], "more": len(rows) > PAGE})

    async def timeline(self, request: Request) -> Response:
        """One call with its legs; 204 when it has no more lines than the ``have`` that the page has already."""
        told = await self._story(request.path_params["sid"])
        if told is None:
            return JSONResponse({"message": "There is no journal of this call."}, 404)
        if request.query_params.get("have") == str(len(told["lines"])) and told["live"]:
            return Response(status_code=204)
        return JSONResponse(told)

    async def file(self, request: Request) -> Response:
        """One call as a file that opens offline."""
        told = await self._story(request.path_params["sid"])
        if told is None:
            return JSONResponse({"message": "There is no journal of this call."}, 404)
        page = await asyncio.to_thread(export, told)
        return HTMLResponse(page, headers={"Content-Disposition": f'attachment; filename="{told["sid"]}.html"'})

    async def hang_up(self, request: Request) -> Response:
        """End a live call."""
        try:
            self._ways.switch.end(request.path_params["sid"], unanswered_only=False)
        except ChangeRefused:
            return JSONResponse({"message": "The call has ended already."}, 409)
        return Response(status_code=204)

    async def _pictures(self) -> AsyncIterator[str]:
        self._viewers += 1
        loop, last, sent = asyncio.get_running_loop(), "", 0.0
        try:
            yield "retry: 1000\n\n"
            while True:
                text = json.dumps(self._picture())
                if text != last:
                    last, sent = text, loop.time()
                    yield f"data: {text}\n\n"
                elif loop.time() - sent > QUIET_SECONDS:
                    sent = loop.time()
                    yield ": \n\n"
                if self._ways.admission.draining:
                    break  # or the server would wait for its viewers; the page asks again until it is gone
                await asyncio.sleep(PERIOD_SECONDS)
        finally:
            self._viewers -= 1

    def _picture(self) -> dict[str, Any]:
        lines = list(self._ways.registry)
        calls = [
            {
                "sid": line.call.sid,
                "parent": line.call.parent_sid,
                "from": line.call.party.from_,
                "to": line.call.party.to,
                "direction": line.call.direction,
                "status": line.call.status,
                "seconds": line.call.duration,
                "reports": line.call.reports,
            }
            for line in lines[:MOST_SHOWN]
        ]
        return {"count": len(lines), "calls": calls}

    async def _story(self, sid: str) -> dict[str, Any] | None:
        live = self._ways.registry.by_sid(sid) is not None
        return await asyncio.to_thread(_tell, self._ways.journals, sid, live)


def _tell(journals: JournalFiles, sid: str, live: bool) -> dict[str, Any] | None:
    journals.flush()
    try:
        lines = collect(sid, journals.read)
    except ValueError:
        return None
    if not lines:
        return None
    own = [line.entry for line in lines if line.leg == 0]
    told = [{"at": line.at, "leg": line.leg, "kind": line.entry.kind, "data": line.entry.data} for line in lines[:MOST_LINES]]
    return {"sid": sid, "live": live, "why": explain(own), "cut": len(lines) > MOST_LINES, "lines": told}


def _find(connection: Connection, wanted: str, page: int) -> list[Any]:
    query = select(CALLS).order_by(CALLS.c.date_created.desc(), CALLS.c.sid).limit(PAGE + 1).offset(page * PAGE)
    if wanted:
        columns = (CALLS.c.sid, CALLS.c["from"], CALLS.c.to, CALLS.c.status)
        query = query.where(or_(*(column.contains(wanted, autoescape=True) for column in columns)))
    return list(connection.execute(query).mappings())


def _row(row: Any) -> dict[str, Any]:
    shown = {name: row[name] for name in ("sid", "from", "to", "direction", "status", "duration")}
    return {**shown, "parent": row["parent_call_sid"], "created": row["date_created"].isoformat()}
