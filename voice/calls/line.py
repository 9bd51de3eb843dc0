"""A call's place on the network and on the bus.

A line turns network events into steps of its call and passes them on to whoever runs it: a session, or the Dial that made
it. It owns the bus row from its first moment to its last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from markup.events import Redirected
from media.dtmf import tones
from media.source import Clip, Source
from sip import events as network
from sip.endpoint import Endpoint
from sip.events import Headers, LegId
from voice.calls.audio import Audio
from voice.calls.branches import Branches, Gate, Redirect, Turn
from voice.calls.bridge import Bridge
from voice.calls.call import Call, ended_status
from voice.calls.keypad import Keypad
from voice.calls.secrecy import Secrecy
from voice.sound.studio import Listener, Studio

_PAUSES = {"w": 0.5, "W": 1.0}


class Runner(Protocol):
    """Whoever decides over a line: the session of its call, the Dial that made it, or the switch while it rings."""

    def hear(self, event: network.Event) -> None:
        """Take an event of the line."""

    def redirect(self, change: Redirected) -> None:
        """Run another document on the line, which is in progress."""

    def end(self) -> None:
        """End the call."""


class Stage(Protocol):
    """Where playbacks are heard: by the far end of a line, by a whole room, or by one in it."""

    @property
    def open(self) -> bool:
        """Whether there is still somebody to hear."""

    def play(self, source: Source, listener: Listener) -> int:
        """Let them hear a source, instead of what is played already; returns the studio's number for it."""


class Abandoned:
    """Runs a line that is being hung up: nobody cares any more what happens on it."""

    def hear(self, event: network.Event) -> None:
        """See Runner."""

    def redirect(self, change: Redirected) -> None:
        """See Runner."""

    def end(self) -> None:
        """See Runner."""


class Line:
    """One call on one endpoint."""

    runner: Runner
    """Told of every event, after the listeners; to be set before the first event."""

    def __init__(self, call: Call, endpoint: Endpoint, studio: Studio) -> None:
        self.call = call
        self.audio = Audio(call.journal)
        self._limit: asyncio.TimerHandle | None = None
        self.listeners: list[Callable[[network.Event], None]] = []
        """Told of every event, after the call has taken its step."""
        self.on_end: list[Callable[[], None]] = []
        """Called when the leg is gone, while its row is still its own."""
        self.no_answer = False
        """The ring time is over: a cancelled leg then ends as ``no-answer``."""
        self.peer: Line | None = None
        """The line this one is bridged with."""
        self.on_key: Callable[[str], None] | None = None
        """Takes the keys that the far end does not send as audio, in place of a peer."""
        self._bridge: Bridge | None = None
        self._branches = Branches(call, lambda invitation: endpoint.invite(invitation, self.row), endpoint.hang_up)
        self.secrecy = Secrecy(call, self._conceal)
        self._keypad = Keypad(call.now)
        self._endpoint = endpoint
        self._studio = studio

    @property
    def open(self) -> bool:
        """See Stage."""
        return self.call.row is not None

    @property
    def row(self) -> int:
        """The row of the bus."""
        assert self.call.row is not None, "a line has its row from admission to its end"
        return self.call.row

    def attach(self) -> None:
        """Claim a row and give it to an inbound leg; raises BusFull."""
        self.call.row = self._studio.claim()
        self._studio.listen_for_digits(self.row, self._hear_tone)
        self._studio.draw(self.row, self.call.journal.measure)
        if self.call.leg is not None:
            self._endpoint.attach(self.call.leg, self.row)

    def dial(self, turns: tuple[Turn, ...], gate: Gate, redirect: Redirect) -> None:
        """Send the INVITEs of the first turn, and those of the next as long as they fail; the end is always reported."""
        self._branches.begin(turns, gate, redirect)

    @property
    def legs(self) -> tuple[LegId, ...]:
        """The legs whose events are this line's: several while a callee is rung at several addresses."""
        return self._branches.legs or (() if self.call.leg is None else (self.call.leg,))

    def sift(self, event: network.Event) -> network.Event | None:
        """What an event of one of the legs means to the call; None when that is nothing. It may have other legs afterwards."""
        if isinstance(event, network.Ended) and event.leg == self.call.leg:
            self.unbridge()
        return self._branches.take(event)

    def receive(self, event: network.Event) -> None:
        """Take a network event of this leg."""
        call = self.call
        match event:
            case network.Dialled(call_id=call_id):
                call.identify(call_id)
                call.advance("initiated")
            case network.Ringing():
                call.advance("ringing")
            case network.Answered(headers=headers):
                if call.direction != "inbound":
                    call.response_headers = headers
                    call.advance("in-progress")
            case network.Digit(digit=digit, inband=inband):
                if not self._keypad.is_new(digit, inband=inband) or self.secrecy.take(digit, inband=inband):
                    return
                self._relay(digit, inband)
            case network.Held(held=held):
                call.journal.add("hold", held=held)
            case network.Referred(target=target):
                call.journal.add("referred", to=target)
            case network.Ended():
                self._end(event)
        self._tell(event)

    def _tell(self, event: network.Event) -> None:
        for listener in list(self.listeners):
            listener(event)
        self.runner.hear(event)

    def _hear_tone(self, digit: str) -> None:
        """A key heard in the audio."""
        if self.call.leg is not None:
            self.receive(network.Digit(self.call.leg, digit, inband=True))

    def _end(self, event: network.Ended) -> None:
        call = self.call
        self.unbridge()
        if self._limit is not None:
            self._limit.cancel()
        for close in list(self.on_end):
            close()
        call.response_code = event.code
        if event.headers:
            call.response_headers = event.headers
        if event.quality is not None:
            self.audio.close(event.quality)
        call.journal.add("ended", code=event.code, reason=event.reason, by_peer=event.by_peer)
        status = ended_status(call, event.code, event.by_peer)
        call.advance("no-answer" if status == "canceled" and self.no_answer else status)
        self._release()

    def _release(self) -> None:
        if self.call.row is not None:
            self._studio.release(self.call.row)
            self.call.row = None

    def ring(self) -> None:
        """Send 180."""
        if self.call.leg is not None:
            self._endpoint.ring(self.call.leg)

    def progress(self) -> None:
        """Let a caller hear something who still rings."""
        if self.call.leg is not None and self.call.answered is None:
            self._endpoint.progress(self.call.leg)

    def answer(self) -> None:
        """Send 200; the call is in progress from now on."""
        if self.call.leg is not None and self.call.advance("in-progress"):
            self._endpoint.answer(self.call.leg)

    def refuse(self, code: int, headers: Headers = ()) -> None:
        """Send a final error response."""
        if self.call.leg is not None:
            self._endpoint.refuse(self.call.leg, code, headers)

    def hang_up(self) -> None:
        """End the leg in any state."""
        self._branches.give_up()
        if self.call.leg is not None and self.call.live and not self._branches.legs:
            self._endpoint.hang_up(self.call.leg)

    def limit(self, seconds: float) -> None:
        """Hang up after some time from now, instead of at an earlier limit."""
        if self._limit is not None:
            self._limit.cancel()
        self._limit = asyncio.get_running_loop().call_later(seconds, self.hang_up)

    def play(self, source: Source, listener: Listener) -> int:
        """Let the far end hear a source."""
        return self._studio.play(self.row, source, listener)

    async def send_digits(self, digits: str) -> None:
        """Send keys with their pauses, as RFC 4733 events or, where the far end cannot, as tones; returns when sent."""
        run = ""
        for key in digits:
            if key in _PAUSES:
                await self._send_run(run)
                run = ""
                await asyncio.sleep(_PAUSES[key])
            else:
                run += key
        await self._send_run(run)

    async def _send_run(self, digits: str) -> None:
        if not digits or self.call.leg is None or not self.call.live:
            return
        self.call.journal.add("digits-sent", digits=digits)
        seconds = self._endpoint.send_digits(self.call.leg, digits)
        if seconds:
            await asyncio.sleep(seconds)
        elif self.call.row is not None:
            over = asyncio.Event()
            self.play(Clip(tones(digits, self._studio.bus.rate)), Listener(lambda: None, lambda error: over.set()))
            await over.wait()

    def bridge(self, other: Line) -> None:
        """Connect two lines; from then on each passes its keys on to the other."""
        if self.call.leg is None or other.call.leg is None:
            return
        for line in (self, other):
            line.unbridge()
        self.peer, other.peer = other, self
        self._bridge = other._bridge = Bridge(self._endpoint, self._studio, self.call, other.call)
        self._bridge.route(secret=self.secrecy.conceals or other.secrecy.conceals)
        self._studio.taps.follow(self.row, other.row)
        other._studio.taps.follow(other.row, self.row)

    def unbridge(self) -> None:
        """Undo ``bridge`` for both."""
        other = self.peer
        if other is None:
            return
        self.peer = other.peer = None
        for line in (self, other):
            if line.call.row is not None:
                line._studio.taps.follow(line.call.row, None)
        if self._bridge is not None:
            self._bridge.close()
        self._bridge = other._bridge = None

    def _conceal(self, row: int, on: bool) -> None:
        """A peer is somebody, too."""
        self._studio.conceal(row, on)
        if self._bridge is not None and self.peer is not None:
            self._bridge.route(secret=self.secrecy.conceals or self.peer.secrecy.conceals)

    def _relay(self, digit: str, inband: bool) -> None:
        """Events are no audio: the bridge does not carry them, nor does who takes them look for tones in what it carries."""
        if self.on_key is not None:
            if not inband:
                self.on_key(digit)
            return
        other = self.peer
        if other is None or other.call.leg is None or self._endpoint.send_digits(other.call.leg, digit) or inband:
            return

        def rejoin(error: str) -> None:
            if self.call.live and other.call.live and self.peer is None and other.peer is None:
                self.bridge(other)

        # A far end that takes no events gets the tones, and to hear what we play it has to leave the bridge meanwhile.
        self.unbridge()
        other.play(Clip(tones(digit, self._studio.bus.rate)), Listener(lambda: None, rejoin))
