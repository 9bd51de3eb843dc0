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

from collections.abc import Callable, Iterable

from sip.endpoint import Invitation
from sip.events import Answered, Dialled, Event, Headers, LegId, Measured, RequestId, Surveyed
from sip.fake_network import URI, FakeNetwork
from sip.fake_peers import FakePeers
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
    is_dead,
    not_found,
    refuses,
    rings,
)
from sip.fake_referral import FakeReferrals, accepts, refuses_referral, replacing
from sip.requests import Reply

__all__ = [
    "Behaviour",
    "FakeCall",
    "FakeEndpoint",
    "FakePhone",
    "Stage",
    "accepts",
    "answers",
    "busy",
    "challenges",
    "declines",
    "early_media",
    "ignores",
    "is_dead",
    "not_found",
    "refuses",
    "refuses_referral",
    "replacing",
    "rings",
]

DIGIT_SECONDS = 0.2


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
        self._network = FakeNetwork(self._forget)
        self.peers = FakePeers(self._network.emit)
        self.phone = self._network.phone
        self.on_invite = self._network.on_invite
        self._calls = self._network.calls
        self.register = self._network.ask
        """Send a REGISTER: request URI, headers and the ``address:port`` of the phone; its future result is the answer."""
        self.referrals = FakeReferrals(self._calls)
        self._rows: dict[LegId, int] = {}
        self._more: dict[LegId, tuple[int, ...]] = {}
        """What further streams send."""
        self._peers: dict[LegId, LegId] = {}

    @property
    def live(self) -> int:
        """Calls that have not ended."""
        return len(self._calls)

    def bridged(self, call: FakeCall) -> FakeCall | None:
        """The call that one is connected with."""
        peer = self._peers.get(call.leg)
        return self._calls.get(peer) if peer is not None else None

    def start(self, post: Callable[[Event], None]) -> None:
        """See Endpoint."""
        self._network.start(post)

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
            call.packets += call.transmits
            call.sent += 1
            if row is not None:
                self._rx[row] = spoken[leg]
            if peer in spoken:
                call.hear(spoken[peer])
            elif row is not None:
                call.hear(self._tx[row])
            for stream, other in enumerate(self._more.get(leg, ()), 1):
                call.hear(self._tx[other], stream)

    def attach(self, leg: LegId, row: int) -> None:
        """See Endpoint."""
        if leg in self._calls:
            self._rows[leg] = row

    def ring(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.stage, call.ringing = Stage.RINGING, True
            self._network.respond(call, "out", 180)
            call.changed()

    def progress(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.stage, call.early_media = Stage.RINGING, True
            self._network.respond(call, "out", 183)
            call.changed()

    def answer(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.stage = Stage.ANSWERED
            self._network.respond(call, "out", 200)
            self._network.request(call, "in", "ACK")
            self._network.emit(Answered(leg))
            call.changed()

    def refuse(self, leg: LegId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        call = self._inbound(leg)
        if call is not None and not call.answered:
            call.headers = tuple(headers)
            self._network.respond(call, "out", code, call.headers)
            self._network.end(call, code, by_peer=False)

    def reply(self, request: RequestId, code: int, headers: Headers = ()) -> None:
        """See Endpoint."""
        self._network.reply(request, Reply(code, headers))

    def invite(self, invitation: Invitation, row: int, *more: int) -> LegId:
        """See Endpoint."""
        call = self._network.new_call(invitation.target or invitation.uri, invitation)
        self._rows[call.leg] = row
        self._more[call.leg] = more
        if URI.match(invitation.uri) is None:
            self._network.end(call, 400, by_peer=False)
            return call.leg
        self._network.emit(Dialled(call.leg, call.call_id))
        self._network.request(call, "out", "INVITE", invitation.headers)
        self._network.reach(call)
        if invitation.patience_seconds:
            self._network.later(invitation.patience_seconds, lambda: self._expire(call))
        return call.leg

    def hang_up(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._calls.get(leg)
        if call is None:
            return
        if call.answered:
            self._network.request(call, "out", "BYE")
            self._network.respond(call, "in", 200)
            self._network.end(call, 200, by_peer=False)
        elif call.invitation is None:
            self.refuse(leg, 603)
        else:
            self._network.request(call, "out", "CANCEL")
            self._network.respond(call, "in", 487)
            self._network.end(call, 487, by_peer=False)

    def send_digits(self, leg: LegId, digits: str) -> float:
        """See Endpoint."""
        call = self._calls.get(leg)
        if call is None or not call.takes_digits or not call.answered:
            return 0.0
        sent = "".join(digit for digit in digits.upper() if digit in DIGITS)
        call.digits_heard += sent
        call.changed()
        return DIGIT_SECONDS * len(sent)

    def measure(self, leg: LegId) -> None:
        """See Endpoint."""
        call = self._calls.get(leg)
        if call is not None and call.answered:
            self._network.emit(Measured(leg, call.packets))

    def survey(self, legs: Iterable[LegId]) -> None:
        """See Endpoint."""
        found = {leg: self._calls.get(leg) for leg in legs}
        audio = ((leg, call.quality if call is not None and call.answered else None) for leg, call in found.items())
        self._network.emit(Surveyed(tuple(audio)))

    def bridge(self, one: LegId, other: LegId) -> bool:
        """See Endpoint."""
        if one in self._calls and other in self._calls and one != other:
            self._part(one)
            self._part(other)
            self._peers[one], self._peers[other] = other, one
        return True

    def unbridge(self, one: LegId, other: LegId) -> None:
        """See Endpoint."""
        if self._peers.get(one) == other:
            self._part(one)

    def set_available(self, available: bool) -> None:
        """See Endpoint."""
        self.available = available

    def _inbound(self, leg: LegId) -> FakeCall | None:
        call = self._calls.get(leg)
        return call if call is not None and call.invitation is None else None

    def _part(self, leg: LegId) -> None:
        other = self._peers.pop(leg, None)
        if other is not None:
            self._peers.pop(other, None)

    def _expire(self, call: FakeCall) -> None:
        if call.silent and not call.ended:
            self._network.end(call, 408, by_peer=False)

    def _forget(self, leg: LegId) -> None:
        self._part(leg)
        self._more.pop(leg, None)
        row = self._rows.pop(leg, None)
        if row is not None and row not in self._rows.values():
            self._rx[row] = 0
