"""An endpoint in memory: the calls of tests, with the same events as real ones and no port, thread or wait.

    fake = FakeEndpoint(bus.rx, bus.tx)
    alice = fake.phone("sip:+15550001@carrier")
    call = alice.dial("sip:+15550100@127.0.0.1")        # we get Incoming
    bob = fake.phone("sip:bob@carrier", answers(after=2.0))
    fake.invite(Invitation("sip:bob@carrier", "sip:+15550100@127.0.0.1"), row=1)
    bob.calls[0].say(tone)                                 # after the next turn of the loop; rx[1] has it after exchange()

A phone is found by the whole URI that is dialled (without its parameters) or else by its user part. Nobody there is 404.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable
from typing import Literal

from sip.endpoint import Invitation
from sip.events import Answered, Dialled, Digit, Ended, Event, Headers, Held, Incoming, LegId, MessageSeen, Ringing
from sip.fake_phone import (
    DIGITS,
    Behaviour,
    FakeCall,
    FakePhone,
    Samples,
    Stage,
    answers,
    busy,
    challenges,
    declines,
    early_media,
    ignores,
    not_found,
    refuses,
    rings,
)
from sip.phrases import phrase_of

__all__ = [
    "Behaviour",
    "FakeCall",
    "FakeEndpoint",
    "FakePhone",
    "Stage",
    "answers",
    "busy",
    "challenges",
    "declines",
    "early_media",
    "ignores",
    "not_found",
    "refuses",
    "rings",
]

DIGIT_SECONDS = 0.2
PEER = "192.0.2.1:5060"
"""The address of every fake phone (RFC 5737)."""

_URI = re.compile(r"^sips?:(?:(?P<user>[^@;?\s]+)@)?(?P<host>[^@;?\s]+)", re.IGNORECASE)


class FakeEndpoint:
    """``sip.endpoint.Endpoint`` without a network.

    ``rx`` and ``tx`` are int16 of shape (rows, samples), one frame of 20 ms at ``rate`` samples per second in each row.
    Everything but ``exchange`` belongs to the event loop.
    """

    capacity = 2048
    """Calls the network layer can hold."""

    def __init__(self, rx: Samples, tx: Samples, rate: int = 8000) -> None:
        self.available = True
        """What OPTIONS would be answered: 200 or 503."""
        self.rate = rate
        self._rx = rx
        self._tx = tx
        self._post: Callable[[Event], None] = lambda event: None
        self._loop: asyncio.AbstractEventLoop
        self._numbers = itertools.count(1)
        self._calls: dict[LegId, FakeCall] = {}
        self._phones: dict[str, FakePhone] = {}
        self._rows: dict[LegId, int] = {}
        self._peers: dict[LegId, LegId] = {}
        self._policy: Behaviour | None = None

    # The far side.

    def phone(self, uri: str, behaviour: Behaviour | None = None) -> FakePhone:
        """Register a phone, which answers at once unless told otherwise; asked twice, it is the same phone."""
        phone = self._phones.get(_address(uri))
        if phone is None:
            phone = self._phones[_address(uri)] = FakePhone(self, uri, behaviour or answers())
        elif behaviour is not None:
            phone.behaviour = behaviour
        return phone

    def on_invite(self, policy: Behaviour | None) -> None:
        """What happens to calls for which no phone is registered; None: 404."""
        self._policy = policy

    # sip.endpoint.Endpoint

    def start(self, post: Callable[[Event], None]) -> None:
        """See Endpoint."""
        self._post = post
        self._loop = asyncio.get_running_loop()

    def register_thread(self, name: str) -> None:
        """Nothing to register here."""

    def close(self) -> None:
        """See Endpoint."""
        for call in list(self._calls.values()):
            self.hang_up(call.leg)

    def exchange(self) -> None:
        """See Endpoint."""
        length = self._rx.shape[1]
        calls = {leg: call for leg, call in list(self._calls.items()) if call.answered or call.early_media}
        spoken = {leg: call.speak(length) for leg, call in calls.items()}
        for leg, call in calls.items():
            row = self._rows.get(leg)
            peer = self._peers.get(leg)
            if row is not None:
                self._rx[row] = spoken[leg]
            if peer in spoken:
                call.hear(spoken[peer])
            elif row is not None:
                call.hear(self._tx[row])

    def attach(self, leg: LegId, row: int) -> None:
        """See Endpoint."""
        if leg in self._calls:
            self._rows[leg] = row

    def ring(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.stage, call.ringing = Stage.RINGING, True
            self._respond(call, "out", 180)
            call.changed()

    def answer(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.stage = Stage.ANSWERED
            self._respond(call, "out", 200)
            self._request(call, "in", "ACK")
            self._emit(Answered(leg))
            call.changed()

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.headers = tuple(headers)
            self._respond(call, "out", code, call.headers)
            self._end(call, code, by_peer=False)

    def invite(self, invitation: Invitation, row: int) -> LegId:
        """See Endpoint."""
        call = self.new_call(invitation.uri, invitation)
        self._rows[call.leg] = row
        if _URI.match(invitation.uri) is None:
            self._end(call, 400, by_peer=False)
            return call.leg
        self._emit(Dialled(call.leg, call.call_id))
        self._request(call, "out", "INVITE", invitation.headers)
        self._loop.call_soon(self._reach, call)
        return call.leg

    def hang_up(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._calls.get(leg)
        if call is None:
            return
        if call.answered:
            self._request(call, "out", "BYE")
            self._respond(call, "in", 200)
            self._end(call, 200, by_peer=False)
        elif call.invitation is None:
            self.refuse(leg, 603)
        else:
            self._request(call, "out", "CANCEL")
            self._respond(call, "in", 487)
            self._end(call, 487, by_peer=False)

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Endpoint."""
        call = self._calls.get(leg)
        if call is None or not call.takes_digits or not call.answered:
            return 0.0
        sent = "".join(digit for digit in digits.upper() if digit in DIGITS)
        call.digits_heard += sent
        call.changed()
        return DIGIT_SECONDS * len(sent)

    def bridge(self, one: LegId, other: LegId) -> None:
        """See Endpoint."""
        if one in self._calls and other in self._calls and one != other:
            self._part(one)
            self._part(other)
            self._peers[one], self._peers[other] = other, one

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Endpoint."""
        if self._peers.get(one) == other:
            self._part(one)

    def set_available(self, available: bool) -> None:
        """See Endpoint."""
        self.available = available

    # sip.fake_phone.Network

    def new_call(self, phone: str, invitation: Invitation | None = None) -> FakeCall:
        """Make a call with its leg."""
        leg = next(self._numbers)
        call = self._calls[leg] = FakeCall(self, leg, f"fake-{leg}@192.0.2.1", phone, invitation)
        return call

    def deliver(self, call: FakeCall, target: str, headers: Headers) -> None:
        """An INVITE arrives."""
        self._request(call, "in", "INVITE", headers, target)
        self._respond(call, "out", 100)
        known = (("From", f"<{call.phone}>;tag={call.leg}"), ("To", f"<{target}>"), ("Call-ID", call.call_id))
        self._emit(Incoming(call.leg, call.call_id, target, call.phone, "", target, known + headers, PEER))

    def pressed(self, call: FakeCall, digit: str) -> None:
        """A key arrives."""
        self._emit(Digit(call.leg, digit))

    def held(self, call: FakeCall, held: bool) -> None:
        """A re-INVITE arrives."""
        self._request(call, "in", "INVITE")
        self._respond(call, "out", 200)
        self._emit(Held(call.leg, held))

    def hung_up(self, call: FakeCall) -> None:
        """A BYE or CANCEL arrives."""
        self._request(call, "in", "BYE" if call.answered else "CANCEL")
        self._respond(call, "out", 200)
        self._end(call, 200 if call.answered else 487, by_peer=True)

    def progressed(self, call: FakeCall, code: int, early_media: bool) -> None:
        """A provisional response arrives."""
        call.stage, call.ringing = Stage.RINGING, True
        call.early_media = call.early_media or early_media
        self._respond(call, "in", code)
        self._emit(Ringing(call.leg, code, early_media))

    def accepted(self, call: FakeCall, headers: Headers) -> None:
        """A 200 arrives."""
        call.stage = Stage.ANSWERED
        self._respond(call, "in", 200, headers)
        self._request(call, "out", "ACK")
        self._emit(Answered(call.leg, tuple(headers)))
        call.changed()

    def rejected(self, call: FakeCall, code: int, headers: Headers) -> None:
        """A final error response arrives."""
        self._respond(call, "in", code, headers)
        self._request(call, "out", "ACK")
        self._end(call, code, by_peer=True, headers=headers)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Run something on the event loop."""
        self._loop.call_later(seconds, act)

    # Inside.

    def _inbound(self, leg: LegId) -> FakeCall | None:
        call = self._calls.get(leg)
        return call if call is not None and call.invitation is None else None

    def _reach(self, call: FakeCall) -> None:
        if call.ended:
            return
        phone = self._find(call.phone)
        if phone is not None:
            phone.receive(call)
        elif self._policy is not None:
            self._policy(call)
        else:
            call.reject(404)

    def _find(self, uri: str) -> FakePhone | None:
        address = _address(uri)
        if address in self._phones:
            return self._phones[address]
        user = address.partition("@")[0]
        return next((phone for known, phone in self._phones.items() if known.partition("@")[0] == user), None)

    def _part(self, leg: LegId) -> None:
        other = self._peers.pop(leg, None)
        if other is not None:
            self._peers.pop(other, None)

    def _end(self, call: FakeCall, code: int, *, by_peer: bool, headers: Headers = ()) -> None:
        del self._calls[call.leg]
        self._part(call.leg)
        row = self._rows.pop(call.leg, None)
        if row is not None and row not in self._rows.values():
            self._rx[row] = 0
        call.stage, call.ended_code = Stage.ENDED, code
        self._emit(Ended(call.leg, code, phrase_of(code), by_peer, tuple(headers)))
        call.changed()

    def _request(self, call: FakeCall, way: Literal["in", "out"], method: str, headers: Headers = (), target: str = "") -> None:
        self._see(call, way, f"{method} {target or call.phone} SIP/2.0", method, headers)

    def _respond(self, call: FakeCall, way: Literal["in", "out"], code: int, headers: Headers = ()) -> None:
        self._see(call, way, f"SIP/2.0 {code} {phrase_of(code)}", "INVITE", headers)

    def _see(self, call: FakeCall, way: Literal["in", "out"], start_line: str, method: str, headers: Headers) -> None:
        lines = [start_line, f"Call-ID: {call.call_id}", f"CSeq: 1 {method}", *(f"{name}: {value}" for name, value in headers)]
        self._emit(MessageSeen(call.call_id, way, PEER, "\r\n".join([*lines, "", ""]), time.monotonic()))

    def _emit(self, event: Event) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._post, event)


def _address(uri: str) -> str:
    """``user@host`` without scheme, port of the default kind and parameters."""
    match = _URI.match(uri)
    return f"{match['user'] or ''}@{match['host'].removesuffix(':5060').lower()}" if match else uri
