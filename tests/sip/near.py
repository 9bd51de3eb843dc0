"""Our side of a contract test: an endpoint, its matrices, what it tells, and somebody who turns its clock."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from sip.endpoint import Endpoint, Invitation
from sip.events import Ended, Event, Headers, Incoming, LegId, MessageSeen, Pinged, Registering, Surveyed
from sip.quality import Quality
from tests.sip.patience import patient
from tests.sip.sound import SAMPLES, Tone, dominant

ROWS = 24
FRAMES = 20
SomeEvent = TypeVar("SomeEvent", bound=Event)


def matrix() -> np.ndarray[Any, np.dtype[np.int16]]:
    return np.zeros((ROWS, SAMPLES), np.int16)


@dataclass(slots=True)
class Listening:
    row: int
    future: asyncio.Future[int]
    frames: list[np.ndarray[Any, Any]] = field(default_factory=list)


class Near:
    """Reads events leg by leg, says tones into rows and listens to rows."""

    def __init__(self, endpoint: Endpoint, rx: np.ndarray[Any, Any], tx: np.ndarray[Any, Any]) -> None:
        self.endpoint = endpoint
        self.messages: dict[str, list[MessageSeen]] = defaultdict(list)
        self.rows = itertools.cycle(range(ROWS))
        self._rx, self._tx = rx, tx
        self._tones: dict[int, Tone] = {}
        self._listening: list[Listening] = []
        self.registrar: Callable[[Registering], tuple[int, Headers]] = lambda asked: (403, ())
        """What a REGISTER is answered."""
        self.pinged: Callable[[Pinged], None] = lambda event: None
        self._incoming: dict[str, asyncio.Queue[Incoming]] = defaultdict(asyncio.Queue)
        self._events: dict[LegId, asyncio.Queue[Event]] = defaultdict(asyncio.Queue)
        self._surveyed: asyncio.Queue[Surveyed] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_time)
        self._register = getattr(endpoint, "register_thread", lambda name: None)
        endpoint.start(self._take)

    def _take(self, event: Event) -> None:
        if isinstance(event, MessageSeen):
            self.messages[event.call_id].append(event)
        elif isinstance(event, Surveyed):
            self._surveyed.put_nowait(event)
        elif isinstance(event, Pinged):
            self.pinged(event)
        elif isinstance(event, Registering):
            self.endpoint.reply(event.request, *self.registrar(event))
        elif isinstance(event, Incoming):
            user = event.request_uri.partition(":")[2].partition("@")[0]
            self._incoming[user].put_nowait(event)
        else:
            self._events[event.leg].put_nowait(event)  # type: ignore[attr-defined]

    @patient
    async def incoming(self, user: str) -> Incoming:
        """The next call for a number; it gets a row."""
        return await self._incoming[user].get()

    async def answered(self, user: str) -> tuple[Incoming, int]:
        """The next call for a number, attached and answered; returns its row as well."""
        incoming = await self.incoming(user)
        row = next(self.rows)
        self.endpoint.attach(incoming.leg, row)
        self.endpoint.answer(incoming.leg)
        return incoming, row

    def invite(self, uri: str, **more: Any) -> tuple[LegId, int]:
        row = next(self.rows)
        return self.endpoint.invite(Invitation(uri, "sip:+15550100@switch.test", **more), row), row

    @patient
    async def event(self, leg: LegId, kind: type[SomeEvent]) -> SomeEvent:
        """The next event of a kind; others before it are skipped, but an end may not be."""
        while not isinstance(event := await self._events[leg].get(), kind):
            assert not isinstance(event, Ended), event
        return event

    @patient
    async def all_events(self, leg: LegId) -> list[Event]:
        """Everything up to the end."""
        events = [await self._events[leg].get()]
        while not isinstance(events[-1], Ended):
            events.append(await self._events[leg].get())
        return events

    @patient
    async def survey(self, *legs: LegId) -> tuple[tuple[LegId, Quality | None], ...]:
        """What the audio of some legs has been like so far."""
        self.endpoint.survey(legs)
        return (await self._surveyed.get()).audio

    def has_ended(self, leg: LegId) -> bool:
        """Whether a leg has ended, though nobody has waited for it."""
        return any(isinstance(event, Ended) for event in self._events[leg]._queue)  # type: ignore[attr-defined]

    def refuse_waiting(self) -> None:
        """Hang up the calls that nobody has asked for."""
        for user in list(self._incoming):
            waiting = self._incoming.pop(user)
            while not waiting.empty():
                self.endpoint.hang_up(waiting.get_nowait().leg)

    def silent(self, leg: LegId) -> bool:
        """Whether nothing more is waiting of a leg."""
        return self._events[leg].empty()

    def say(self, row: int, hz: float) -> None:
        """Play a tone into a row; 0 stops it."""
        if hz:
            self._tones[row] = Tone(hz)
        else:
            self._tones.pop(row, None)

    @patient
    async def heard(self, row: int) -> int:
        """The strongest frequency of the next 0.4 s of a row."""
        future: asyncio.Future[int] = self._loop.create_future()
        self._listening.append(Listening(row, future))
        return await future

    @patient
    async def hears(self, row: int, hz: int) -> None:
        """Wait until a row hears a frequency."""
        while await self.heard(row) != hz:
            pass

    async def ticks(self, count: int) -> None:
        """Let the clock turn."""
        for _ in range(-(-count // FRAMES)):
            await self.heard(0)

    def _tick(self) -> None:
        self._tx[:] = 0
        for row, tone in list(self._tones.items()):
            self._tx[row] = tone.next()
        self.endpoint.exchange()
        for listening in list(self._listening):
            listening.frames.append(self._rx[listening.row].copy())
            if len(listening.frames) == FRAMES:
                self._listening.remove(listening)
                hz = dominant(np.concatenate(listening.frames))
                self._loop.call_soon_threadsafe(_resolve, listening.future, hz)

    def start_clock(self) -> None:
        self._thread.start()

    def stop_clock(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _keep_time(self) -> None:
        self._register("media")
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            self._tick()
            due += 0.02


def _resolve(future: asyncio.Future[int], hz: int) -> None:
    if not future.done():
        future.set_result(hz)
