"""One call as the inspector shows it: its journal and those of its legs, who they are, and why there is no audio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from voice.calls.registry import Registry
from voice.lint import lint_text
from voice.sound.taps import StudioTaps
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.story.diagnosis import KINDS, explain
from voice.story.follower import Follower, Line
from voice.story.journal import LEVELS, LONGEST_TEXT, Entry, JournalFiles

MOST_LINES = 5_000
MOST_PICTURES = 50_000
"""Batches of levels, beside the lines."""
MOST_FINDINGS = 50
PERIOD_SECONDS = 0.4

Told = dict[str, Any]


class Stories:
    """Tells of calls, live ones and those that are over."""

    def __init__(self, registry: Registry, journals: JournalFiles, database: Database, taps: StudioTaps) -> None:
        self._registry = registry
        self._journals = journals
        self._database = database
        self._taps = taps

    async def tell(self, call_sid: str) -> Told | None:
        """All that is known of a call; None when nothing is."""
        return await self._open(call_sid).whole()

    async def follow(self, call_sid: str) -> AsyncIterator[str]:
        """The same as JSON, then what is added to it while the call lives; ``over`` is in the last message."""
        story = self._open(call_sid)
        told = await story.whole()
        while told is not None:
            yield json.dumps(told)
            if told["over"]:
                return
            told = None
            while told is None:
                await asyncio.sleep(PERIOD_SECONDS)
                told = await story.more()
                if told is None:
                    yield ""

    def _open(self, call_sid: str) -> _Story:
        return _Story(call_sid, self._registry, self._journals, self._database, self._taps)


class _Story:
    """What one viewer knows of one call."""

    def __init__(self, call_sid: str, registry: Registry, journals: JournalFiles, database: Database, taps: StudioTaps) -> None:
        self._sid = call_sid
        self._registry = registry
        self._journals = journals
        self._database = database
        self._taps = taps
        self._follower = Follower(call_sid, journals.read_on)
        self._own: list[Entry] = []
        """What explains the audio of the call itself, without its legs'."""
        self._lines = self._pictures = 0
        self._state: tuple[bool, list[Told]] = (True, [])
        """Whether it lived, and its legs, as they were told last."""

    async def whole(self) -> Told | None:
        """Everything so far; None when there is no such call."""
        try:
            told = await self._read(at_once=True)
        except ValueError:
            return None  # no CallSid
        if told is None:
            return None
        return {"sid": self._sid, **told}

    async def more(self) -> Told | None:
        """What is new; None when nothing is."""
        return await self._read(at_once=False)

    async def _read(self, *, at_once: bool) -> Told | None:
        live = self._ask_levels()
        lines = await asyncio.to_thread(self._advance)
        if at_once and not lines:
            return None
        legs = await self._describe()
        state = (live, legs)
        if not at_once and not lines and state == self._state:
            return None
        self._state = state
        shown = await asyncio.to_thread(self._show, lines)
        why = await asyncio.to_thread(explain, self._own)
        # It was live before its lines were read: what was written of its end is among them.
        return {"over": not live, "why": why, "legs": legs, "cut": self._lines >= MOST_LINES, "lines": shown}

    def _ask_levels(self) -> bool:
        """Have the levels of the live legs written down; whether there are any."""
        live = [line for sid in self._follower.legs if (line := self._registry.by_sid(sid)) is not None]
        for line in live:
            if line.call.row is not None:
                self._taps.tell_drawn(line.call.row)
        return bool(live)

    def _advance(self) -> list[Line]:
        self._journals.flush()
        return self._follower.advance()

    def _show(self, lines: list[Line]) -> list[Told]:
        shown = []
        for line in lines:
            if line.entry.kind == LEVELS:
                self._pictures += 1
                wanted = self._pictures < MOST_PICTURES
            else:
                self._lines += 1
                wanted = self._lines <= MOST_LINES
            if wanted:
                shown.append(_told(line))
            if wanted and line.leg == 0 and line.entry.kind in KINDS:
                self._own.append(line.entry)
        return shown

    async def _describe(self) -> list[Told]:
        """Who the legs are: by the registry while they live, then by the store."""
        sids = self._follower.legs
        rows = await self._database.read(lambda connection: _find(connection, sids))
        return [_leg(sid, rows.get(sid), self._registry) for sid in sids]


def _told(line: Line) -> Told:
    told: Told = {"at": round(line.at, 4), "leg": line.leg, "kind": line.entry.kind, "data": line.entry.data}
    body = line.entry.data.get("body")
    if line.entry.kind == "response" and isinstance(body, str) and "<Response" in body and len(body) <= LONGEST_TEXT:
        told["findings"] = [asdict(each) for each in lint_text(body.encode(errors="replace"))[:MOST_FINDINGS]]
    return told


def _find(connection: Connection, sids: tuple[str, ...]) -> dict[str, Any]:
    rows = connection.execute(select(CALLS).where(CALLS.c.sid.in_(sids))).mappings()
    return {row["sid"]: row for row in rows}


def _leg(sid: str, row: Any, registry: Registry) -> Told:
    line = registry.by_sid(sid)
    leg: Told = {"sid": sid, "live": line is not None}
    if row is not None:
        created: datetime = row["date_created"]
        leg |= {name: row[name] for name in ("from", "to", "direction", "status", "duration")}
        leg |= {"account": row["account_sid"], "parent": row["parent_call_sid"], "created": created.isoformat()}
    if line is not None:
        call = line.call
        leg |= {"from": call.party.from_, "to": call.party.to, "direction": call.direction, "status": call.status}
        leg |= {"account": call.account_sid, "parent": call.parent_sid, "duration": None}
    return leg
