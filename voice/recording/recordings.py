"""The recordings of one server: begun, ended, completed, told of and handed out.

A recording belongs to its line and ends with it at the latest. Each of its steps is in the store together with the callbacks
that tell of it, so whatever kills the process, the next one finds what is left to do. What takes time (files, trimming) is done
by threads after the call has gone on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Select, select

from markup.commands import Report
from media.recorder import Channels
from voice.calls.call import Call
from voice.calls.line import Line
from voice.errors import StoreUnavailable
from voice.identifiers import new_sid
from voice.recording.conversions import Conversions
from voice.recording.recording import FINAL, Recording
from voice.recording.shelf import TOO_SHORT, UNREADABLE, Shelf
from voice.recording.take import Take, Wish, channels_of
from voice.sound.taps import RecordingListener, StudioTaps
from voice.store.database import Database
from voice.store.tables.recordings import RECORDINGS
from voice.story.journal import Journal
from voice.web.callbacks import CallbackSender
from voice.web.parameters import API_VERSION

PROCESSING_SECONDS = 10.0
"""How long a request waits for a recording that has just ended."""
MOST_REMEMBERED = 1000
"""Complete recordings that calls can play without a look into the store."""

_WORDS = {"started": {"started", "in-progress"}, "absent": {"absent", "failed"}}
"""What a subscription may call a step, where that is not its own name (spec sections 3.7 and 4.7)."""

Result = TypeVar("Result")

_log = structlog.get_logger("recordings")


def record_line(line: Line, wish: Wish, recordings: Recordings) -> Take:
    """Record a line until it ends; the last status callback of its call then says where that can be heard."""
    take = tape_line(line, wish, recordings)
    line.call.recorded = lambda: recordings.parameters(take.recording)
    return take


def tape_line(line: Line, wish: Wish, recordings: Recordings) -> Take:
    """Record a line until it ends."""
    take = recordings.start(line.call, channels_of(line.row, wish), wish)
    line.on_end.append(take.stop)
    take.when_ended(lambda recording: line.on_end.remove(take.stop))
    return take


class Recordings:
    """All recordings; its methods belong to the event loop.

    ``address`` is how customers reach the HTTP side, ``http://host:port``; ``node`` names this process among those that share
    the database; the folder of ``shelf`` has to exist.
    """

    def __init__(
        self,
        taps: StudioTaps,
        shelf: Shelf,
        callbacks: CallbackSender,
        database: Database,
        address: str,
        *,
        node: str,
        now: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._taps = taps
        self._shelf = shelf
        self._callbacks = callbacks
        self._database = database
        self._address = address
        self.node = node
        self.conversions = Conversions(shelf)
        self._now = now
        self._wall = wall
        self._live: dict[str, Take] = {}
        self._remembered: OrderedDict[str, Recording] = OrderedDict()
        self._files = ThreadPoolExecutor(2, "recording-files")
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        """Nothing records, nothing is being completed."""
        self._idle.set()

    def __len__(self) -> int:
        """Recordings that are not complete."""
        return len(self._live)

    def start(self, call: Call, channels: Channels, wish: Wish, *, conference_sid: str = "") -> Take:
        """Begin to record tracks for a call, or for the conference in which it is.

        Whoever begins it ends it, at the latest with what is recorded.
        """
        sid = new_sid("RE")
        recording = Recording(
            sid,
            call.account_sid,
            "" if conference_sid else call.parent_sid or call.sid,
            wish.source,
            self._wall(),
            wish.track,
            len(channels),
            wish.trim,
            wish.subscription,
            conference_sid=conference_sid,
            node=self.node,
            transcription=wish.transcription,
        )
        take = self._live[sid] = Take(recording, call.sid, self._now, partial(self._step, call))
        self._idle.clear()
        listener = RecordingListener(take.end, partial(self._written, take, call))
        take.run(self._taps.record(channels, self._shelf.path(sid), listener))
        call.journal.add("recording", sid=sid, status=recording.status, source=wish.source)
        self._note(recording, "started", call.journal)
        return take

    def take(self, sid: str) -> Take | None:
        """A recording that is not complete."""
        return self._live.get(sid)

    def running(self, sid: str) -> list[Take]:
        """What records a call, one of the legs that it has dialled, or a conference, the oldest first."""
        takes = [take for take in self._live.values() if take.recording.live]
        return [take for take in takes if sid in (take.leg_sid, take.recording.call_sid, take.recording.conference_sid)]

    def url(self, recording: Recording) -> str:
        """Where its audio can be had (section 3.10)."""
        return self.locate(recording.account_sid, recording.sid)

    def locate(self, account_sid: str, sid: str) -> str:
        """The same by the SIDs of a recording and its account."""
        return f"{self._address}/{API_VERSION}/Accounts/{account_sid}/Recordings/{sid}"

    def path(self, sid: str) -> Path:
        """The audio file of a recording. Raises ValueError for what is no RecordingSid."""
        return self._shelf.path(sid)

    def parameters(self, recording: Recording) -> tuple[tuple[str, str], ...]:
        """What the action of a verb, or the end of a call, says of a recording (sections 2.6, 2.7 and 3.6)."""
        return (
            ("RecordingUrl", self.url(recording)),
            ("RecordingSid", recording.sid),
            ("RecordingDuration", recording.duration),
        )

    async def recover(self, completed: Callable[[Recording, Path], None]) -> None:
        """Complete what this node was recording when it ended before, and hand it on. Raises StoreUnavailable."""
        query = select(RECORDINGS).where(RECORDINGS.c.node == self.node, RECORDINGS.c.status.not_in(FINAL))
        for recording in await self._database.read(partial(_all, query=query)):
            if recording.sid not in self._live:
                recording.status = "processing"
                await self._complete(recording)
                _log.warning("recording completed after a restart", recording_sid=recording.sid, status=recording.status)
                if not recording.error_code:
                    completed(recording, self.path(recording.sid))

    async def find(self, sid: str) -> Recording | None:
        """A recording in any state; None when there is none of that name. Raises StoreUnavailable."""
        take = self._live.get(sid)
        if take is not None:
            return take.recording
        found = await self._database.read(partial(_all, query=select(RECORDINGS).where(RECORDINGS.c.sid == sid)))
        return found[0] if found else None

    async def settled(self, sid: str) -> Recording | None:
        """As ``find``, after waiting, not for long, for the end of its processing. Raises StoreUnavailable."""
        take = self._live.get(sid)
        if take is None:
            return await self.find(sid)
        if not take.recording.live:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROCESSING_SECONDS):
                    await take.kept.wait()
        return take.recording

    async def delete(self, recording: Recording) -> bool:
        """Delete the audio of a recording and keep, for a while, what is known of it; False while it is not complete."""
        if not recording.advance("deleted"):
            return False
        recording.updated = recording.deleted = self._wall()
        self._remembered.pop(recording.sid, None)
        self._database.put(RECORDINGS, recording.row())
        await self._database.settle()
        await self._in_thread(self._shelf.remove, recording.sid)
        return True

    async def purge(self, sid: str) -> None:
        """Forget a recording altogether."""
        await self._in_thread(self._shelf.remove, sid)
        self._database.delete(RECORDINGS, sid)
        await self._database.settle()

    async def local(self, url: str) -> Path | None:
        """The audio file behind an address that ``url`` made, also one with the ending of a WAV file; None for any other."""
        base, _, name = url.removesuffix(".wav").rpartition("/")
        if not base.startswith(f"{self._address}/{API_VERSION}/Accounts/"):
            return None
        try:
            recording = self._remembered.get(name) or await self.settled(name)
        except StoreUnavailable:
            return None
        if recording is None or recording.status != "completed" or url.removesuffix(".wav") != self.url(recording):
            return None
        return self._shelf.path(recording.sid)

    async def close(self, seconds: float) -> None:
        """End what still records and complete it, for at most ``seconds``; the clock has to tick meanwhile."""
        for take in list(self._live.values()):
            take.stop()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("recordings are left to be completed at the next start", recordings=len(self._live))
        self._files.shutdown(wait=False, cancel_futures=True)
        self.conversions.close()

    def _step(self, call: Call, recording: Recording, event: str) -> None:
        if event != "processing":
            call.journal.add("recording", sid=recording.sid, status=recording.status)
        self._note(recording, event, call.journal)

    def _note(self, recording: Recording, event: str, journal: Journal | None = None) -> None:
        """Write down a step of a recording and, in the same transaction, whom to tell of it."""
        recording.updated = self._wall()
        self._database.put(RECORDINGS, recording.row())
        wanted = recording.subscription
        if wanted.url and not _WORDS.get(event, {event}).isdisjoint(wanted.events):
            pairs = recording.callback(self.url(recording))
            self._callbacks.send(recording.sid, wanted.url, wanted.method, pairs, journal=journal)

    def _written(self, take: Take, call: Call, error: str) -> None:
        recording = take.recording
        if error:
            recording.error_code = UNREADABLE
            call.report(Report(UNREADABLE, f"recording {recording.sid}: {error}", "error"))
        self._run(self._finish(take, call))

    async def _finish(self, take: Take, call: Call) -> None:
        recording = take.recording
        await self._complete(recording, call.journal)
        self._remember(recording)
        del self._live[recording.sid]
        take.kept.set()
        call.journal.add("recording", sid=recording.sid, status=recording.status, seconds=recording.seconds)
        if recording.error_code == TOO_SHORT:
            call.report(Report(TOO_SHORT, f"recording {recording.sid} is absent: it is too short"))
        if recording.status == "completed":
            for listener in take.completed:
                listener(recording, self._shelf.path(recording.sid))

    async def _complete(self, recording: Recording, journal: Journal | None = None) -> None:
        await self._in_thread(self._shelf.complete, recording)
        self._note(recording, recording.status, journal)

    def _remember(self, recording: Recording) -> None:
        self._remembered[recording.sid] = recording
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._files, work, *arguments)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks and not self._live:
            self._idle.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("recording could not be kept", exc_info=error)


def _all(connection: Connection, query: Select[Any]) -> list[Recording]:
    return [Recording.from_row(dict(row)) for row in connection.execute(query).mappings()]
