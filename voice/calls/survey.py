"""Looks at the audio of all live calls now and then, some of them at a time, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from sip.endpoint import Endpoint
from sip.events import LegId, Surveyed
from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.story.metrics import Metrics

STEP_SECONDS = 1.0
FIRST_SECONDS = 3.0
"""From the answer to the first look: who asks why there is no audio asks soon."""
PERIOD_SECONDS = 10.0
MOST_AT_ONCE = 200
"""Legs; each takes the network's thread 13 µs."""
PATIENCE_SECONDS = 1.0


class Survey:
    """The rounds over the calls of one server; belongs to the event loop."""

    def __init__(self, registry: Registry, endpoint: Endpoint, metrics: Metrics, now: Callable[[], float]) -> None:
        self._registry = registry
        self._endpoint = endpoint
        self._metrics = metrics
        self._now = now
        self._due: dict[LegId, float] = {}
        self._turn: set[LegId] = set()
        self._asked: dict[LegId, asyncio.Future[None]] = {}

    @property
    def silent(self) -> int:
        """Live legs of which no packet came between the last two looks."""
        return sum(line.audio.silent for line in self._registry)

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await asyncio.sleep(STEP_SECONDS)
            self._step()

    async def refresh(self, line: Line) -> None:
        """Look at one call now, out of turn."""
        leg = line.call.leg
        if leg is None:
            return
        if leg not in self._asked:
            self._asked[leg] = asyncio.get_running_loop().create_future()
            self._endpoint.survey((leg,))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(self._asked[leg])

    def take(self, seen: Surveyed) -> None:
        """Hand what was seen to the calls and the metrics."""
        now = self._now()
        for leg, quality in seen.audio:
            line = self._registry.by_leg(leg)
            if quality is not None and line is not None and line.call.leg == leg and line.call.live:
                if leg in self._turn:
                    self._metrics.live_audio.observe(line.audio.look(quality, now))
                else:
                    line.audio.whole = quality
            self._turn.discard(leg)
            asked = self._asked.pop(leg, None)
            if asked is not None and not asked.done():
                asked.set_result(None)

    def _step(self) -> None:
        """Ask about the legs whose turn it is."""
        now = self._now()
        known, self._due = self._due, {}
        for call in (line.call for line in self._registry):
            if call.leg is not None and call.status == "in-progress":
                answered = call.answered if call.answered is not None else now
                self._due[call.leg] = known.get(call.leg, answered + FIRST_SECONDS)
        turn = sorted((leg for leg, due in self._due.items() if due <= now), key=self._due.__getitem__)[:MOST_AT_ONCE]
        self._due.update(dict.fromkeys(turn, now + PERIOD_SECONDS))
        if turn:
            self._turn.update(turn)
            self._endpoint.survey(turn)
