"""``/Calls/{CA}/Quality``: what the audio of a call is or was like on the network, and why there was none. Not of Twilio's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from voice.api.operation import Ask, get
from voice.api.shapes import Property, Shape, flag, integer, maybe, sid, text
from voice.calls.registry import Registry
from voice.calls.survey import Survey
from voice.store import records
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.story.diagnosis import KINDS, explain
from voice.story.journal import Entry, JournalFiles, Value


def _number() -> Property:
    return Property(float, {"type": "number"}, nullable=True)


QUALITY = Shape(
    "Quality",
    {
        "call_sid": sid("CA"),
        "account_sid": sid("AC"),
        "live": flag(),
        "explanation": text(),
        "codec": maybe(),
        "packets_received": integer(nullable=True),
        "packets_sent": integer(nullable=True),
        "packets_lost": integer(nullable=True),
        "packets_discarded": integer(nullable=True),
        "packets_lost_by_far_end": integer(nullable=True),
        "loss": _number(),
        "jitter_ms": _number(),
        "round_trip_ms": _number(),
        "mos": _number(),
        "declared_address": maybe(),
        "source_address": maybe(),
        "recent_loss": _number(),
        "recent_jitter_ms": _number(),
        "recent_round_trip_ms": _number(),
        "recent_mos": _number(),
    },
    "/Calls/{call_sid}/Quality",
)
_NAMES = {
    "packets_received": "received",
    "packets_sent": "sent",
    "packets_lost": "lost",
    "packets_discarded": "discarded",
    "packets_lost_by_far_end": "far_lost",
    "declared_address": "declared",
    "source_address": "heard_from",
}
"""What journals call them."""


class QualityResource:
    """The resource; of a live call it looks at this moment, of a past one into the journal."""

    def __init__(self, registry: Registry, survey: Survey, journals: JournalFiles, database: Database) -> None:
        self._registry = registry
        self._survey = survey
        self._journals = journals
        self._database = database

    @get("/Calls/{CallSid}/Quality", QUALITY)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """Packets, loss, jitter, round trip and estimated opinion of a call's audio, and a sentence that explains them."""
        row = await self._database.read(records.find(CALLS, ask.account.sid, ask.keys["CallSid"]))
        if row is None:
            raise ask.not_found()
        line = self._registry.by_sid(row["sid"])
        if line is not None:
            await self._survey.refresh(line)
        entries = await asyncio.to_thread(lambda: list(self._journals.select(row["sid"], KINDS)))
        now = line.audio.told() if line is not None else {}
        if now:
            entries.append(Entry(entries[-1].at if entries else 0.0, "quality", now))
        facts: Mapping[str, Value] = next((entry.data for entry in reversed(entries) if entry.kind == "quality"), {})
        found = {name: facts.get(_NAMES.get(name, name)) for name in QUALITY.properties}
        about = {"call_sid": row["sid"], "account_sid": row["account_sid"], "live": line is not None}
        return {**found, **about, "explanation": explain(entries)}
