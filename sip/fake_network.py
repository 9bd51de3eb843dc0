"""The far side of a FakeEndpoint: who can be called, and what every message means for the two ends of a call."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Callable
from typing import Literal

from sip.endpoint import Invitation
from sip.events import Answered, Digit, Ended, Event, Headers, Held, Incoming, LegId, MessageSeen, Registering, RequestId, Ringing
from sip.fake_phone import Behaviour, FakeCall, FakePhone, Stage, answers
from sip.phrases import phrase_of
from sip.requests import Reply

PEER = "192.0.2.1:5060"
"""The address of every fake phone (RFC 5737)."""

URI = re.compile(r"^sips?:(?:(?P<user>[^@;?\s]+)@)?(?P<host>[^@;?\s]+)", re.IGNORECASE)


class FakeNetwork:
    """Phones, the calls between them and us, and the events that we get; ``sip.fake_phone.Network``.

    ``ended`` is told of each leg that is gone, before the event is.
    """

    def __init__(self, ended: Callable[[LegId], None]) -> None:
        self.calls: dict[LegId, FakeCall] = {}
        """Those that live."""
        self._ended = ended
        self._post: Callable[[Event], None] = lambda event: None
        self._loop: asyncio.AbstractEventLoop
        self._numbers = itertools.count(1)
        self._phones: dict[str, FakePhone] = {}
        self._policy: Behaviour | None = None
        self._asked: dict[RequestId, asyncio.Future[Reply]] = {}

    def start(self, post: Callable[[Event], None]) -> None:
        """Post events from now on."""
        self._post = post
        self._loop = asyncio.get_running_loop()

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

    def new_call(self, phone: str, invitation: Invitation | None = None) -> FakeCall:
        """Make a call with its leg."""
        leg = next(self._numbers)
        call = self.calls[leg] = FakeCall(self, leg, f"fake-{leg}@192.0.2.1", phone, invitation)
        return call

    def deliver(self, call: FakeCall, target: str, headers: Headers, to: str = "", display: str = "") -> None:
        """An INVITE arrives; To is ``target`` where it is not given."""
        to = to or target
        self.request(call, "in", "INVITE", headers, target)
        self.respond(call, "out", 100)
        known = (("From", f"<{call.phone}>;tag={call.leg}"), ("To", f"<{to}>"), ("Call-ID", call.call_id))
        self.emit(Incoming(call.leg, call.call_id, target, call.phone, display, to, known + headers, PEER))

    def ask(self, request_uri: str, headers: Headers, source: str = PEER) -> asyncio.Future[Reply]:
        """A REGISTER arrives; the result is what is answered."""
        request = next(self._numbers)
        answered = self._asked[request] = self._loop.create_future()
        self.emit(Registering(request, request_uri, headers, source))
        return answered

    def reply(self, request: RequestId, reply: Reply) -> None:
        """Our answer arrives."""
        answered = self._asked.pop(request, None)
        if answered is not None:
            answered.set_result(reply)

    def pressed(self, call: FakeCall, digit: str) -> None:
        """A key arrives."""
        self.emit(Digit(call.leg, digit))

    def held(self, call: FakeCall, held: bool) -> None:
        """A re-INVITE arrives."""
        self.request(call, "in", "INVITE")
        self.respond(call, "out", 200)
        self.emit(Held(call.leg, held))

    def hung_up(self, call: FakeCall) -> None:
        """A BYE or CANCEL arrives."""
        self.request(call, "in", "BYE" if call.answered else "CANCEL")
        self.respond(call, "out", 200)
        self.end(call, 200 if call.answered else 487, by_peer=True)

    def progressed(self, call: FakeCall, code: int, early_media: bool) -> None:
        """A provisional response arrives."""
        call.stage, call.ringing = Stage.RINGING, True
        call.early_media = call.early_media or early_media
        self.respond(call, "in", code)
        self.emit(Ringing(call.leg, code, early_media))

    def accepted(self, call: FakeCall, headers: Headers) -> None:
        """A 200 arrives."""
        call.stage = Stage.ANSWERED
        self.respond(call, "in", 200, headers)
        self.request(call, "out", "ACK")
        self.emit(Answered(call.leg, tuple(headers)))
        call.changed()

    def rejected(self, call: FakeCall, code: int, headers: Headers) -> None:
        """A final error response arrives."""
        self.respond(call, "in", code, headers)
        self.request(call, "out", "ACK")
        self.end(call, code, by_peer=True, headers=headers)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Run something on the event loop."""
        self._loop.call_later(seconds, act)

    def reach(self, call: FakeCall) -> None:
        """Let our INVITE arrive, a turn of the loop later."""
        self._loop.call_soon(self._reach, call)

    def end(self, call: FakeCall, code: int, *, by_peer: bool, headers: Headers = ()) -> None:
        """A call is over."""
        del self.calls[call.leg]
        self._ended(call.leg)
        call.stage, call.ended_code = Stage.ENDED, code
        self.emit(Ended(call.leg, code, phrase_of(code), by_peer, tuple(headers)))
        call.changed()

    def request(self, call: FakeCall, way: Literal["in", "out"], method: str, headers: Headers = (), target: str = "") -> None:
        """A request crosses the wire."""
        self._see(call, way, f"{method} {target or call.phone} SIP/2.0", method, headers)

    def show(self, call: FakeCall, way: Literal["in", "out"], method: str, code: int, headers: Headers) -> None:
        """A request, or with a code its response, crosses the wire."""
        line = f"SIP/2.0 {code} {phrase_of(code)}" if code else f"{method} {call.phone} SIP/2.0"
        self._see(call, way, line, method, headers)

    def respond(self, call: FakeCall, way: Literal["in", "out"], code: int, headers: Headers = ()) -> None:
        """A response to an INVITE crosses the wire."""
        self._see(call, way, f"SIP/2.0 {code} {phrase_of(code)}", "INVITE", headers)

    def emit(self, event: Event) -> None:
        """Tell us something."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._post, event)

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

    def _see(self, call: FakeCall, way: Literal["in", "out"], start_line: str, method: str, headers: Headers) -> None:
        lines = [start_line, f"Call-ID: {call.call_id}", f"CSeq: 1 {method}", *(f"{name}: {value}" for name, value in headers)]
        self.emit(MessageSeen(call.call_id, way, PEER, "\r\n".join([*lines, "", ""]), time.monotonic()))


def _address(uri: str) -> str:
    """``user@host`` without scheme, port of the default kind and parameters."""
    match = URI.match(uri)
    return f"{match['user'] or ''}@{match['host'].removesuffix(':5060').lower()}" if match else uri
