"""The far ends of a FakeEndpoint: phones that dial us, phones that we dial, and how those behave."""

from __future__ import annotations

import asyncio
import enum
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sip.endpoint import Invitation
from sip.events import DialogId, Event, Headers, LegId
from sip.fake_referral import FakeReferral
from sip.quality import Quality

Samples = NDArray[np.int16]
Behaviour = Callable[["FakeCall"], None]
"""What a phone does with a call it receives; called once, on the event loop."""

DIGITS = frozenset("0123456789ABCD*#")


class Stage(enum.Enum):
    """How far a call has got."""

    TRYING = "trying"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class Network(Protocol):
    """What a far end needs of the endpoint it talks to."""

    def pressed(self, call: FakeCall, digit: str) -> None:
        """A key arrives."""

    def held(self, call: FakeCall, held: bool) -> None:
        """A re-INVITE arrives."""

    def hung_up(self, call: FakeCall) -> None:
        """A BYE or CANCEL arrives."""

    def progressed(self, call: FakeCall, code: int, early_media: bool) -> None:
        """A provisional response arrives."""

    def accepted(self, call: FakeCall, headers: Headers) -> None:
        """A 200 arrives."""

    def rejected(self, call: FakeCall, code: int, headers: Headers) -> None:
        """A final error response arrives."""

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Run something on the event loop."""

    def deliver(self, call: FakeCall, target: str, headers: Headers, to: str = "", display: str = "") -> None:
        """An INVITE arrives."""

    def new_call(self, phone: str, invitation: Invitation | None = None) -> FakeCall:
        """Make a call with its leg."""

    def show(self, call: FakeCall, way: Literal["in", "out"], method: str, code: int, headers: Headers) -> None:
        """A request, or with a code its response, crosses the wire."""

    def emit(self, event: Event) -> None:
        """Tell the switch something."""


class FakeCall:
    """One call as its far end sees it."""

    def __init__(self, network: Network, leg: LegId, call_id: str, phone: str, invitation: Invitation | None) -> None:
        self.leg = leg
        self.call_id = call_id
        self.phone = phone
        """The far end's URI."""
        self.invitation = invitation
        """What we dialled; None for a call that the phone dialled."""
        self.stage = Stage.TRYING
        self.headers: Headers = invitation.headers if invitation else ()
        """Of our INVITE, or of our final response."""
        self.silent = False
        """Nothing at all comes back of our INVITE."""
        self.ringing = False
        """180 was sent, in either direction."""
        self.early_media = False
        self.ended_code = 0
        """Final status; 0 while the call lives."""
        self.digits_heard = ""
        self.takes_digits = True
        """Whether telephone-event was negotiated (RFC 4733)."""
        self.transmits = True
        """Whether RTP packets come, be it with silence."""
        self.packets = 0
        """How many came."""
        self.sent = 0
        """How many went to it."""
        self.referral = FakeReferral(self)
        self._network = network
        self._said: deque[Samples] = deque()
        self._heard: defaultdict[int, list[Samples]] = defaultdict(list)
        """By stream."""
        self._watchers: list[tuple[Callable[[FakeCall], bool], asyncio.Future[None]]] = []

    @property
    def answered(self) -> bool:
        """Whether the call is up."""
        return self.stage is Stage.ANSWERED

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self.stage is Stage.ENDED

    @property
    def heard(self) -> Samples:
        """Everything the phone heard since its audio was up, int16 of shape (n,)."""
        return self.heard_on(0)

    def heard_on(self, stream: int) -> Samples:
        """The same of one of several streams, from 0."""
        frames = self._heard[stream]
        return np.concatenate(frames) if frames else np.zeros(0, np.int16)

    @property
    def dialog(self) -> DialogId:
        """What a Replaces header calls this call."""
        return DialogId(self.call_id, f"near-{self.leg}", f"far-{self.leg}")

    @property
    def quality(self) -> Quality:
        """Of its audio so far, on a network that does nothing to it."""
        media, heard_from = "192.0.2.1:4000", "192.0.2.1:4000" if self.packets else ""
        return Quality(self.packets, self.sent, 0, 0, 0, 0.0, 0.0, "PCMU", media, heard_from)

    def press(self, digits: str) -> None:
        """Send keys as RFC 4733 events."""
        for digit in digits:
            if not self.ended and digit in DIGITS:
                self._network.pressed(self, digit)

    def hold(self, held: bool = True) -> None:
        """Put the switch on hold, or take it back."""
        if self.answered:
            self._network.held(self, held)

    def hang_up(self) -> None:
        """End the call in any stage: BYE, CANCEL, or 603 to a call that we received."""
        if self.ended:
            return
        if self.invitation is not None and not self.answered:
            self.reject(603)
        else:
            self._network.hung_up(self)

    def cancel(self) -> None:
        """Withdraw a call that the phone dialled and that is not answered yet."""
        if not self.ended and not self.answered and self.invitation is None:
            self._network.hung_up(self)

    def say(self, samples: ArrayLike) -> None:
        """Queue int16 audio of shape (n,), which the switch hears 20 ms at a time."""
        self._said.append(np.asarray(samples, np.int16).reshape(-1).copy())

    def ring(self, code: int = 180, early_media: bool = False) -> None:
        """Send a provisional response to a call that we received."""
        if self.stage in (Stage.TRYING, Stage.RINGING) and self.invitation is not None:
            self._network.progressed(self, code, early_media)

    def answer(self, headers: Headers = ()) -> None:
        """Send 200 to a call that we received."""
        if self.stage in (Stage.TRYING, Stage.RINGING) and self.invitation is not None:
            self._network.accepted(self, headers)

    def reject(self, code: int, headers: Headers = ()) -> None:
        """Send a final error response to a call that we received."""
        if self.stage in (Stage.TRYING, Stage.RINGING) and self.invitation is not None:
            self._network.rejected(self, code, headers)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Run something on the event loop after some seconds of its clock."""
        self._network.later(seconds, act)

    def show(self, way: Literal["in", "out"], method: str, code: int = 0, headers: Headers = ()) -> None:
        """Let a message of this call cross the wire."""
        self._network.show(self, way, method, code, headers)

    def tell(self, event: Event) -> None:
        """Let the switch know something."""
        self._network.emit(event)

    async def until(self, holds: Callable[[FakeCall], bool]) -> None:
        """Wait until something is true of this call; checked whenever its signalling or its digits change."""
        if not holds(self):
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append((holds, future))
            await future

    def changed(self) -> None:
        """Wake those who wait for a condition that now holds."""
        waiting = self._watchers
        self._watchers = []
        for holds, future in waiting:
            if future.done():
                continue
            if holds(self):
                future.set_result(None)
            else:
                self._watchers.append((holds, future))

    def hear(self, frame: Samples, stream: int = 0) -> None:
        """Take 20 ms from the switch."""
        if self.answered or self.early_media:
            self._heard[stream].append(frame.copy())

    def speak(self, length: int) -> Samples:
        """Give the next ``length`` samples of what was said; silence when nothing is left."""
        frame = np.zeros(length, np.int16)
        filled = 0
        while self._said and filled < length:
            chunk = self._said.popleft()
            taken = chunk[: length - filled]
            frame[filled : filled + len(taken)] = taken
            filled += len(taken)
            if len(taken) < len(chunk):
                self._said.appendleft(chunk[len(taken) :])
        return frame


class FakePhone:
    """A telephone on the fake network."""

    def __init__(self, network: Network, uri: str, behaviour: Behaviour) -> None:
        self.uri = uri
        self.behaviour = behaviour
        """What it does with the next call; may be replaced at any time."""
        self.calls: list[FakeCall] = []
        """Calls received, oldest first."""
        self._network = network

    def dial(self, target: str, headers: Headers = (), to: str = "", display: str = "") -> FakeCall:
        """Call the switch as ``display``; ``target`` becomes the request URI, and To where that is not given."""
        call = self._network.new_call(self.uri)
        self._network.deliver(call, target, tuple(headers), to or target, display)
        return call

    def receive(self, call: FakeCall) -> None:
        """Be called."""
        self.calls.append(call)
        self.behaviour(call)


def answers(after: float = 0.0, *, rings: bool = True, headers: Headers = ()) -> Behaviour:
    """Ring, and pick up after some seconds."""

    def behave(call: FakeCall) -> None:
        if rings:
            call.ring()
        if after:
            call.later(after, lambda: call.answer(headers))
        else:
            call.answer(headers)

    return behave


def rings(code: int = 180) -> Behaviour:
    """Ring for ever."""
    return lambda call: call.ring(code)


def refuses(code: int, headers: Headers = (), after: float = 0.0) -> Behaviour:
    """Answer with an error: 486 busy, 603 declined, 404 not found."""

    def behave(call: FakeCall) -> None:
        if after:
            call.later(after, lambda: call.reject(code, headers))
        else:
            call.reject(code, headers)

    return behave


def busy() -> Behaviour:
    """486."""
    return refuses(486)


def declines() -> Behaviour:
    """603."""
    return refuses(603)


def not_found() -> Behaviour:
    """404."""
    return refuses(404)


def ignores() -> Behaviour:
    """Do nothing at all."""
    return lambda call: None


def is_dead() -> Behaviour:
    """Not even say that the INVITE has arrived."""

    def behave(call: FakeCall) -> None:
        call.silent = True

    return behave


def early_media(samples: ArrayLike = (), code: int = 183) -> Behaviour:
    """Send audio before the answer, which never comes by itself."""

    def behave(call: FakeCall) -> None:
        call.say(np.asarray(samples, np.int16))
        call.ring(code, early_media=True)

    return behave


def challenges(username: str, password: str, then: Behaviour | None = None) -> Behaviour:
    """Ask for digest credentials (401), and go on only with the right ones (RFC 3261 section 22)."""
    accepted = then or answers()

    def behave(call: FakeCall) -> None:
        given = call.invitation.credentials if call.invitation else None
        if given is not None and (given.username, given.password) == (username, password):
            accepted(call)
        else:
            call.reject(401, (("WWW-Authenticate", 'Digest realm="fake", nonce="1", algorithm=MD5'),))

    return behave
