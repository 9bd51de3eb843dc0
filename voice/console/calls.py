"""Calls: those of the store, one of them from beginning to end, and its end."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Connection, or_, select
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from voice.calls.switch import Switch
from voice.console.pages import export
from voice.console.push import Pushes
from voice.console.stories import Stories
from voice.errors import ChangeRefused
from voice.store.database import Database
from voice.store.tables.calls import CALLS

PAGE = 50


class CallDesk:
    """Answers about calls of every account."""

    def __init__(self, switch: Switch, database: Database, stories: Stories, pushes: Pushes) -> None:
        self._switch = switch
        self._database = database
        self._stories = stories
        self._pushes = pushes

    async def history(self, request: Request) -> Response:
        """The newest calls, of which ``q`` is a part of the number, SID or status; ``page`` counts from 0."""
        wanted = request.query_params.get("q", "")[:100].strip()
        number = request.query_params.get("page", "0")
        page = int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 0
        rows = await self._database.read(lambda connection: _find(connection, wanted, page))
        return JSONResponse({"calls": [_row(row) for row in rows[:PAGE]], "more": len(rows) > PAGE})

    async def story(self, request: Request) -> Response:
        """One call with its legs, as far as it has come."""
        told = await self._stories.tell(request.path_params["sid"])
        return _unknown() if told is None else JSONResponse(told)

    async def follow(self, request: Request) -> Response:
        """The same as server-sent events, and what happens from now on."""
        return self._pushes.begin(request, self._stories.follow(request.path_params["sid"]))

    async def file(self, request: Request) -> Response:
        """One call as a file that opens offline."""
        told = await self._stories.tell(request.path_params["sid"])
        if told is None:
            return _unknown()
        page = await asyncio.to_thread(export, told)
        return HTMLResponse(page, headers={"Content-Disposition": f'attachment; filename="{told["sid"]}.html"'})

    async def hang_up(self, request: Request) -> Response:
        """End a live call."""
        try:
            self._switch.end(request.path_params["sid"], unanswered_only=False)
        except ChangeRefused:
            return JSONResponse({"message": "The call has ended already."}, 409)
        return Response(status_code=204)


def _unknown() -> Response:
    return JSONResponse({"message": "There is no journal of this call."}, 404)


def _find(connection: Connection, wanted: str, page: int) -> list[Any]:
    query = select(CALLS).order_by(CALLS.c.date_created.desc(), CALLS.c.sid).limit(PAGE + 1).offset(page * PAGE)
    if wanted:
        columns = (CALLS.c.sid, CALLS.c["from"], CALLS.c.to, CALLS.c.status)
        query = query.where(or_(*(column.contains(wanted, autoescape=True) for column in columns)))
    return list(connection.execute(query).mappings())


def _row(row: Any) -> dict[str, Any]:
    shown = {name: row[name] for name in ("sid", "from", "to", "direction", "status", "duration")}
    return {**shown, "parent": row["parent_call_sid"], "created": row["date_created"].isoformat()}
