"""The recordings of one server: begun, ended, completed, told of and handed out.

A recording belongs to its line and ends with it at the latest. What takes time (files, trimming) is done by threads after the
call has gone on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from media.recorder import Channels
from media.track import Track
from voice.call import Call
from voice.callbacks import CallbackSender
from voice.identifiers import new_sid
from voice.line import Line
from voice.parameters import API_VERSION
from voice.recording import NOBODY, Recording, Source, Subscription
from voice.recording import Track as TrackName
from voice.shelf import Shelf
from voice.taps import Recorder, RecordingListener, StudioTaps

PROCESSING_SECONDS = 10.0
"""How long a request waits for a recording that has just ended."""
MOST_CONVERSIONS = 50
"""Requests that wait for a file to be made; more are refused."""

Result = TypeVar("Result")

_log = structlog.get_logger("recordings")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be recorded, and how."""

    source: Source
    track: TrackName = "both"
    """``inbound`` is what the leg says, ``outbound`` what it hears."""
    dual: bool = False
    """Both in a channel each, inbound first; otherwise mixed. One track alone is always mono."""
    trim: bool = False
    subscription: Subscription = NOBODY


class Take:
    """A recording while it is being made."""

    def __init__(self, recording: Recording, now: Callable[[], float]) -> None:
        self.recording = recording
        self.completed: list[Callable[[Recording, Path], None]] = []
        """Called once its file is complete, unless there is none."""
        self.kept = asyncio.Event()
        """Set when it has been processed."""
        self.noted: asyncio.Task[None]
        """Done when the recording is known on disk."""
        self._recorder: Recorder
        self._now = now
        self._since = now()
        self._before = 0.0
        self._skipping = False
        self._over = False
        self._waiting: list[Callable[[Recording], None]] = []

    def when_ended(self, tell: Callable[[Recording], None]) -> None:
        """Have a function called once its length is known, which may be now."""
        if self._over:
            tell(self.recording)
        else:
            self._waiting.append(tell)

    def end(self, seconds: float) -> None:
        """It is over, and this long."""
        self.recording.advance("processing")
        self.recording.seconds = seconds
        self._over = True
        for tell in self._waiting:
            tell(self.recording)

    def run(self, recorder: Recorder) -> None:
        """Take control of what makes it."""
        self._recorder = recorder

    @property
    def seconds(self) -> float:
        """How long it is, or will be when it ends now."""
        if self.recording.seconds is not None:
            return self.recording.seconds
        return self._before + (0.0 if self._skipping else self._now() - self._since)

    def pause(self, *, skip: bool = False) -> bool:
        """Record silence, or with ``skip`` nothing, until ``resume``; False when it does not record."""
        if not self.recording.advance("paused"):
            return False
        self._before, self._since, self._skipping = self.seconds, self._now(), skip
        self._recorder.pause(skip=skip)
        return True

    def resume(self) -> bool:
        """Record again; False when it is not paused."""
        if not self.recording.advance("in-progress"):
            return False
        self._before, self._since, self._skipping = self.seconds, self._now(), False
        self._recorder.resume()
        return True

    def stop(self) -> None:
        """End it, unless that was done."""
        seconds = self.seconds
        if self.recording.advance("processing"):
            self.recording.seconds = seconds
            self._recorder.stop()


def channels_of(row: int, wish: Wish) -> Channels:
    """Which tracks of a row go to which channel."""
    said, heard = Track(row), Track(row, outbound=True)
    match wish.track:
        case "inbound":
            return ((said,),)
        case "outbound":
            return ((heard,),)
    return ((said,), (heard,)) if wish.dual else ((said, heard),)


def record_line(line: Line, wish: Wish, recordings: Recordings) -> Take:
    """Record a line until it ends; the last status callback of its call then says where that can be heard."""
    take = recordings.start(line.call, channels_of(line.row, wish), wish)
    line.on_end.append(take.stop)
    take.when_ended(lambda recording: line.on_end.remove(take.stop))
    line.call.recorded = lambda: recordings.parameters(take.recording)
    return take


class Recordings:
    """All recordings; its methods belong to the event loop.

    ``address`` is how customers reach the HTTP side, ``http://host:port``; the folder of ``shelf`` has to exist.
    """

    def __init__(
        self,
        taps: StudioTaps,
        shelf: Shelf,
        callbacks: CallbackSender,
        address: str,
        *,
        now: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._taps = taps
        self._shelf = shelf
        self._callbacks = callbacks
        self._address = address
        self._now = now
        self._wall = wall
        self._live: dict[str, Take] = {}
        self._files = ThreadPoolExecutor(2, "recording-files")
        self._conversions = ThreadPoolExecutor(1, "recording-conversions")
        self._converting = 0
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
        )
        take = self._live[sid] = Take(recording, self._now)
        take.noted = self._run(self._note(recording))
        listener = RecordingListener(take.end, partial(self._written, take, call))
        take.run(self._taps.record(channels, self._shelf.path(sid), listener))
        call.journal.add("recording", sid=sid, status=recording.status, source=wish.source)
        self._tell(recording)
        return take

    def url(self, recording: Recording) -> str:
        """Where its audio can be had (section 3.10)."""
        return f"{self._address}/{API_VERSION}/Accounts/{recording.account_sid}/Recordings/{recording.sid}"

    def parameters(self, recording: Recording) -> tuple[tuple[str, str], ...]:
        """What the action of a verb, or the end of a call, says of a recording (sections 2.6, 2.7 and 3.6)."""
        return (
            ("RecordingUrl", self.url(recording)),
            ("RecordingSid", recording.sid),
            ("RecordingDuration", recording.duration),
        )

    async def recover(self) -> None:
        """Complete what was being recorded when the server ended before."""
        for recording in await self._in_thread(lambda: list(self._shelf.cut_off())):
            if recording.sid not in self._live:
                await self._complete(recording)
                _log.warning("recording completed after a restart", recording_sid=recording.sid, status=recording.status)

    async def find(self, sid: str) -> Recording | None:
        """A recording in any state; None when there is none of that name."""
        take = self._live.get(sid)
        return take.recording if take is not None else await self._in_thread(self._shelf.find, sid)

    async def settled(self, sid: str) -> Recording | None:
        """As ``find``, after waiting, not for long, for the end of its processing."""
        take = self._live.get(sid)
        if take is not None and take.recording.status == "processing":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PROCESSING_SECONDS):
                    await take.kept.wait()
        return await self.find(sid)

    async def local(self, url: str) -> Path | None:
        """The audio file behind an address that ``url`` made, also one with the ending of a WAV file; None for any other."""
        base, _, name = url.removesuffix(".wav").rpartition("/")
        if not base.startswith(f"{self._address}/{API_VERSION}/Accounts/"):
            return None
        recording = await self.settled(name)
        if recording is None or recording.status != "completed" or url.removesuffix(".wav") != self.url(recording):
            return None
        return self._shelf.path(recording.sid)

    async def audio(self, recording: Recording, kind: str, channels: int) -> Path | None:
        """The file of a complete recording, as for ``Shelf.audio``; None when too many wait for theirs already.

        Raises NotAudio and OSError.
        """
        path = self._shelf.audio(recording, kind, channels)
        if not await self._in_thread(path.exists):
            if self._converting >= MOST_CONVERSIONS:
                return None
            self._converting += 1
            try:
                make = partial(self._shelf.make, recording, kind, channels)
                await asyncio.get_running_loop().run_in_executor(self._conversions, make)
            finally:
                self._converting -= 1
        return path

    async def close(self, seconds: float) -> None:
        """End what still records and complete it, for at most ``seconds``; the clock has to tick meanwhile."""
        for take in list(self._live.values()):
            take.stop()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("recordings are left to be completed at the next start", recordings=len(self._live))
        for pool in (self._files, self._conversions):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _note(self, recording: Recording) -> None:
        await self._in_thread(self._shelf.begin, recording)

    def _written(self, take: Take, call: Call, error: str) -> None:
        recording = take.recording
        if error:
            _log.error("recording failed", recording_sid=recording.sid, call_sid=recording.call_sid, error=error)
            call.journal.add("report", level="error", code=15000, message=error, url="")
        self._run(self._finish(take, call))

    async def _finish(self, take: Take, call: Call) -> None:
        recording = take.recording
        await asyncio.wait({take.noted})
        await self._complete(recording)
        del self._live[recording.sid]
        take.kept.set()
        call.journal.add("recording", sid=recording.sid, status=recording.status, seconds=recording.seconds)
        if recording.status == "completed":
            for listener in take.completed:
                listener(recording, self._shelf.path(recording.sid))

    async def _complete(self, recording: Recording) -> None:
        recording.updated = self._wall()
        try:
            await self._in_thread(self._shelf.complete, recording)
        except OSError as error:
            _log.error("recording cannot be noted", recording_sid=recording.sid, error=str(error))
        self._tell(recording)

    def _tell(self, recording: Recording) -> None:
        wanted = recording.subscription
        if wanted.url and recording.status in wanted.events:
            self._callbacks.send(recording.sid, wanted.url, wanted.method, recording.callback(self.url(recording)))

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._files, work, *arguments)

    def _run(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self._idle.clear()
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks and not self._live:
            self._idle.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("recording could not be kept", exc_info=error)
