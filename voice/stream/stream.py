"""One stream: from the handshake to the last message, beside the call that it is of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from markup.commands import RecordingTrack, Report, StatusCallback
from markup.events import Parameters
from media.frame import FRAMES_PER_SECOND
from media.track import Track
from sip import events as network
from voice.calls.call import Call
from voice.calls.line import Line
from voice.errors import StreamRefused
from voice.identifiers import new_sid
from voice.sound.studio import Studio
from voice.story.metrics import Metrics
from voice.story.reports import report
from voice.stream.downlink import Downlink, Heard
from voice.stream.messages import (
    BAD_MESSAGE,
    CONNECTED,
    Audio,
    BadMessage,
    Clear,
    Direction,
    End,
    Frame,
    Key,
    Mark,
    Outgoing,
    Writer,
    read,
)
from voice.stream.outbox import Outbox
from voice.web.callbacks import CallbackSender
from voice.web.parameters import timestamp
from voice.web.peer import Dialler, Peer, Reason, SocketFailure

UPSTREAM_OVERFLOW = 31930
FLUSH_SECONDS = 2.0
"""How long what waits may still be sent when the stream is over."""

CODES: dict[Reason, int] = {
    "unknown": 31900,
    "timeout": 31901,
    "refused": 31902,
    "broken": 31903,
    "unreachable": 31904,
    "private": 31904,
    "tls": 31910,
    "handshake": 31920,
    "closed": 31921,
    "scheme": 31922,
    "malformed": 31923,
    "protocol": 31924,
}
"""Spec section 8.5."""

DIRECTIONS: dict[RecordingTrack, tuple[Direction, ...]] = {
    "inbound": ("inbound",),
    "outbound": ("outbound",),
    "both": ("inbound", "outbound"),
}

NOBODY = StatusCallback()


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be streamed, and where to."""

    url: str
    name: str = ""
    track: RecordingTrack = "inbound"
    bidirectional: bool = False
    callback: StatusCallback = NOBODY
    parameters: Parameters = ()

    @property
    def directions(self) -> tuple[Direction, ...]:
        """Its tracks."""
        return DIRECTIONS[self.track]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every stream needs of the server."""

    studio: Studio
    callbacks: CallbackSender
    metrics: Metrics
    dialler: Dialler
    wall: Callable[[], datetime]


class Stream:
    """One stream; it ends with the line it is of, at the latest. ``over`` is told once that it has ended."""

    def __init__(self, line: Line, order: Order, surroundings: Surroundings, over: Callable[[Stream], None]) -> None:
        self.sid = new_sid("MZ")
        self.order = order
        self.call: Call = line.call
        self.updated = surroundings.wall()
        self.status: Literal["in-progress", "stopped"] = "in-progress"
        self._line = line
        self._around = surroundings
        self._over = over
        self._peer: Peer | None = None
        self._outbox = Outbox(self._send, self._say_goodbye)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._paused = False
        self._writer = Writer(self.sid, line.call.account_sid, line.call.sid)
        self._downlink = Downlink(
            line,
            surroundings.studio,
            echo=lambda name: self._put(Mark(name)),
            note=self._note,
            warn=self._warn,
        )
        self._untap: Callable[[], None] = lambda: None
        self._began = 0
        """The tick before the first frame."""
        self._warned: set[int] = set()
        self._task: asyncio.Task[None]

    @property
    def name(self) -> str:
        """What it is called; its SID when nobody named it."""
        return self.order.name or self.sid

    @property
    def dropped(self) -> int:
        """Frames that the application was too slow for."""
        return self._outbox.dropped

    def start(self, url: str) -> asyncio.Task[None]:
        """Connect to an address that was checked; the task is done when nothing of the stream is left."""
        self.call.journal.add("stream", sid=self.sid, event="connecting", url=url)
        self._line.on_end.append(self.stop)
        self._task = asyncio.get_running_loop().create_task(self._run(url))
        return self._task

    def stop(self) -> None:
        """End it; the application is told, if it listens."""
        if self.status == "stopped":
            return
        self._leave()
        if self._peer is None:
            self._task.cancel()
            return
        self._outbox.put(End())
        self._outbox.close()
        timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._peer.abort)
        self._task.add_done_callback(lambda task: timer.cancel())

    async def _run(self, url: str) -> None:
        try:
            self._peer = await self._around.dialler.open(url, self.call.account_sid)
            self._begin(self._peer)
            await self._ended
            self._leave()
        except SocketFailure as failure:
            self._leave(failure)
        except Exception as error:
            self.call.log.error("a stream failed", stream_sid=self.sid, exc_info=error)
            self._leave(SocketFailure("unknown", f"internal failure: {type(error).__name__}"))
        finally:
            if self._peer is not None:
                self._peer.abort()

    def _begin(self, peer: Peer) -> None:
        """The application answers: everything is set to work."""
        peer.attend(self)
        peer.send(CONNECTED)
        if peer.send(self._writer.start(self.order.directions, self.order.parameters)):
            self._outbox.go_on()
        tracks = tuple(Track(self._line.row, direction == "outbound") for direction in self.order.directions)
        self._untap = self._around.studio.taps.stream(tracks, self._take)
        if self.order.bidirectional:
            self._line.listeners.append(self._hear_key)
        self.tell("stream-started")

    def _send(self, message: Outgoing) -> bool:
        assert self._peer is not None, "nothing is sent before it is connected"
        return self._peer.send(self._writer.write(message))

    def _say_goodbye(self) -> None:
        assert self._peer is not None, "as above"
        self._peer.close()

    # Listener

    def hear(self, message: str | bytes) -> None:
        """Do what the application asks."""
        if not self.order.bidirectional or self.status != "in-progress":
            return
        try:
            self._obey(message)
        except Exception as error:  # noqa: BLE001 - told to who awaits the end
            if not self._ended.done():
                self._ended.set_exception(error)
        if self._outbox.full and self._peer is not None and not self._paused:
            self._paused = True
            self._peer.pause()

    def go_on(self) -> None:
        """See Listener."""
        self._outbox.go_on()
        if self._paused and not self._outbox.full and self._peer is not None:
            self._paused = False
            self._peer.resume()

    def leave(self, failure: SocketFailure | None) -> None:
        """See Listener."""
        if self._ended.done():
            return
        if failure is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(failure)

    def _obey(self, message: str | bytes) -> None:
        try:
            reading = read(message, self.sid)
        except BadMessage as error:
            self._warn(error.code, f"a message of the application is left out: {error}")
            return
        if reading.surplus:
            self._warn(BAD_MESSAGE, f"fields that mean nothing: {', '.join(sorted(reading.surplus))[:200]}")
        match reading.message:
            case Audio(codes):
                self._downlink.say(codes)
            case Mark(name):
                self._downlink.mark(name)
            case Clear():
                self._downlink.clear()

    def _take(self, tick: int, tracks: tuple[bytes, ...]) -> None:
        """Take one frame of each track."""
        self._began = self._began or tick - 1
        chunk = tick - self._began
        milliseconds = (chunk - 1) * 1000 // FRAMES_PER_SECOND
        for direction, codes in zip(self.order.directions, tracks, strict=True):
            self._put(Frame(direction, chunk, milliseconds, codes))

    def _hear_key(self, event: network.Event) -> None:
        """Pass a key on, unless it is secret."""
        match event:
            case network.Digit(digit=digit) if not self._line.secrecy.holds:
                self._put(Key(digit))

    def _put(self, message: Frame | Key | Mark) -> None:
        if not self._outbox.put(message):
            self._warn(UPSTREAM_OVERFLOW, "the application takes its messages too slowly: the oldest audio is dropped")

    def _note(self, passage: Heard) -> None:
        name, heard, of = passage.name, passage.milliseconds, passage.of
        self.call.journal.add("stream", sid=self.sid, event=passage.event, name=name, heard=heard, of=of)

    def _warn(self, code: int, message: str) -> None:
        """Tell a warning, once for each code."""
        if code not in self._warned:
            self._warned.add(code)
            report(self.call, self._around.metrics, Report(code, f"stream {self.name}: {message}", "warning", self.order.url))

    def refuse(self, refusal: StreamRefused) -> None:
        """Tell that it never began."""
        self.status = "stopped"
        self.tell("stream-error", refusal.code, str(refusal))

    def _leave(self, failure: SocketFailure | None = None) -> None:
        """Take no more part in the call, and tell how it ended; the second time, nothing."""
        if self.status == "stopped":
            return
        self.status = "stopped"
        self._untap()
        self._downlink.close()
        if self._hear_key in self._line.listeners:
            self._line.listeners.remove(self._hear_key)
        self._line.on_end.remove(self.stop)
        if failure is None:
            self.tell("stream-stopped")
        else:
            code = CODES[failure.reason]
            report(self.call, self._around.metrics, Report(code, f"stream {self.name}: {failure}", "error", self.order.url))
            self.tell("stream-error", code, str(failure))
        self._over(self)

    def tell(self, event: str, code: int = 0, error: str = "") -> None:
        """Note an event, and tell the customer (spec section 2.13)."""
        self.updated = self._around.wall()
        self.call.journal.add("stream", sid=self.sid, event=event, code=code, error=error, dropped=self.dropped)
        told = self.order.callback
        if not told.url or event not in told.events:
            return
        pairs = [
            ("AccountSid", self.call.account_sid),
            ("CallSid", self.call.sid),
            ("StreamSid", self.sid),
            ("StreamName", self.name),
            ("StreamEvent", event),
            *((("StreamError", f"{code} {error}"),) if error else ()),
            ("Timestamp", timestamp(self.updated)),
        ]
        self._around.callbacks.send(self.call.sid, told.url, told.method, pairs, journal=self.call.journal)
