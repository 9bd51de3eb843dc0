"""Session timers (RFC 4028): who refreshes does it in time, and who is not refreshed any more says goodbye."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from sip.message import Message, split_address
from tests.interop.clock import Clock, clocked
from tests.interop.switch import RunningSwitch, running_switch
from tests.sip.carrier import SDP, respond
from tests.sip.natives import needs_natives
from tests.sip.talk import offer
from tests.sip.wire import Wire
from tests.webhook import Webhook, running_webhook

pytestmark = [needs_natives, pytest.mark.asyncio(loop_scope="module")]

NUMBER = "+15550100"
AGREED = 90
"""Seconds, the fewest there may be."""
REFRESH = AGREED // 2 + 1
"""When who refreshes has done so."""
OVERDUE = AGREED - AGREED // 3 + 1
"""When who waits for it waits no longer."""
A_WHILE = 0.5
CONTACT = "Contact: <sip:callee@{host}>"


@dataclass(slots=True)
class Peer:
    """The far end of a call."""

    wire: Wire
    call_id: str
    itself: str
    """As From of what it sends has it."""
    switch: str
    """As To has it."""
    target: str
    cseq: int = 1
    seen: set[str] = field(default_factory=set)

    def request(self, method: str, *fields: str) -> str:
        self.cseq += method != "ACK"
        text = self.wire.request(method, "", *fields, call_id=self.call_id, cseq=self.cseq)
        own = {"From": self.itself, "To": self.switch}
        lines = [f"{name}: {own[name]}" if (name := line.partition(":")[0]) in own else line for line in text.split("\r\n")]
        return "\r\n".join([f"{method} {self.target} SIP/2.0", *lines[1:]])

    async def ask(self, method: str, *fields: str) -> Message:
        return await asyncio.to_thread(self.wire.ask, self.request(method, *fields))

    async def asked(self) -> Message:
        """The next request that comes for the first time. Raises TimeoutError."""
        while True:
            message = await asyncio.to_thread(self.wire.receive)
            if message.method not in ("", "ACK") and message.header("via") not in self.seen:
                self.seen.add(message.header("via"))
                return message

    def answer(self, request: Message, status: str, *fields: str) -> None:
        body = SDP if request.body and status.startswith("2") else ""
        self.wire.send(respond(request, status, CONTACT.format(host=self.wire.host), *fields, body=body))

    async def settled(self) -> None:
        """Once the switch has read all that was sent to it."""
        assert (await asyncio.to_thread(self.wire.options)).code == 200

    async def hears_nothing(self) -> None:
        self.wire.socket.settimeout(A_WHILE)
        with pytest.raises(TimeoutError):
            await self.asked()
        self.wire.socket.settimeout(10)

    async def is_left(self) -> None:
        """Somebody says goodbye to it."""
        bye = await self.asked()
        assert bye.method == "BYE"
        self.answer(bye, "200 OK")
        self.wire.close()

    async def leaves(self) -> None:
        assert (await self.ask("BYE")).code == 200
        self.wire.close()


@dataclass(slots=True)
class Timed:
    """A switch and the clock of its timers."""

    switch: RunningSwitch
    webhook: Webhook
    clock: Clock

    async def caller(self, wanted: str, *fields: str) -> tuple[Peer, Message]:
        """Who has called with a session timer, and the answer."""
        wire = Wire.open(("127.0.0.1", self.switch.sip_port))
        invite = wire.request("INVITE", offer("127.0.0.1", 4000), "Supported: timer", wanted, *fields, user=NUMBER)
        answer = await asyncio.to_thread(wire.ask, invite)
        assert answer.code == 200
        _, target = split_address(answer.header("contact"))
        peer = Peer(wire, answer.header("call-id"), answer.header("from"), answer.header("to"), target)
        wire.send(peer.request("ACK"))
        return peer, answer

    async def called(self) -> tuple[Peer, Message]:
        """Who is being called, and how."""
        wire = Wire.open(("127.0.0.1", self.switch.sip_port))
        await self.switch.place(f"sip:bob@{wire.host}", self.webhook.url("/voice"))
        peer = Peer(wire, "", "", "", "")
        invite = await peer.asked()
        _, peer.target = split_address(invite.header("contact"))
        peer.call_id, peer.itself, peer.switch = (
            invite.header("call-id"),
            f"{invite.header('to')};tag=carrier",
            invite.header("from"),
        )
        return peer, invite


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def timed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Timed]:
    folder = tmp_path_factory.mktemp("timed")
    with clocked(folder) as clock:
        async with running_webhook() as webhook, running_switch(folder, {NUMBER: webhook.url("/voice")}) as switch:
            webhook.answers["/voice"] = "<Play digits='1'/><Pause length='600'/>"
            webhook.answers["/status"] = ""
            yield Timed(switch, webhook, clock)


@pytest.mark.parametrize(("allowed", "method"), [("INVITE, UPDATE", "UPDATE"), ("INVITE", "INVITE")])
async def test_a_caller_who_wants_to_be_refreshed_is(timed: Timed, allowed: str, method: str) -> None:
    caller, answer = await timed.caller(f"Session-Expires: {AGREED};refresher=uas", f"Allow: {allowed}, ACK, BYE")
    assert answer.header("session-expires") == f"{AGREED};refresher=uas"
    for _ in range(2):
        timed.clock.put_forward(REFRESH)
        refresh = await caller.asked()
        assert (refresh.method, refresh.header("session-expires")) == (method, f"{AGREED};refresher=uac")
        assert refresh.header("min-se") == f"{AGREED}"
        caller.answer(refresh, "200 OK", "Require: timer", f"Session-Expires: {AGREED};refresher=uac")
        await caller.settled()
    await caller.hears_nothing()
    await caller.leaves()


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
async def test_a_caller_who_refreshes_stays_until_it_stops(timed: Timed, method: str) -> None:
    caller, answer = await timed.caller(f"Session-Expires: {AGREED};refresher=uac")
    assert answer.header("session-expires") == f"{AGREED};refresher=uac"
    assert answer.header("require") == "timer"
    for _ in range(3):
        timed.clock.put_forward(REFRESH)
        refreshed = await caller.ask(method, "Supported: timer", f"Session-Expires: {AGREED};refresher=uac")
        assert (refreshed.code, refreshed.header("session-expires")) == (200, f"{AGREED};refresher=uac")
        if method == "INVITE":
            caller.wire.send(caller.request("ACK"))
    await caller.hears_nothing()
    timed.clock.put_forward(OVERDUE)
    await caller.is_left()


@pytest.mark.parametrize("status", ["", "408 Request Timeout", "481 Call Does Not Exist"], ids=["silence", "408", "481"])
async def test_a_caller_who_takes_no_refresh_is_left(timed: Timed, status: str) -> None:
    caller, _ = await timed.caller(f"Session-Expires: {AGREED};refresher=uas", "Allow: INVITE, UPDATE, ACK, BYE")
    timed.clock.put_forward(REFRESH)
    refreshes = [await caller.asked()]
    if status:
        caller.answer(refreshes[0], status)
        refreshes.append(await caller.asked())
        caller.answer(refreshes[1], status)
        await caller.settled()
    timed.clock.put_forward(AGREED - REFRESH)
    assert {refresh.method for refresh in refreshes} == {"UPDATE"}
    assert [bool(refresh.body) for refresh in refreshes] == [False, True][: len(refreshes)]
    await caller.is_left()


@pytest.mark.parametrize("status", ["491 Request Pending", "500 Server Internal Error", "503 Service Unavailable"])
async def test_a_refresh_that_has_to_wait_comes_again(timed: Timed, status: str) -> None:
    caller, _ = await timed.caller(f"Session-Expires: {AGREED};refresher=uas", "Allow: INVITE, UPDATE, ACK, BYE")
    timed.clock.put_forward(REFRESH)
    caller.answer(await caller.asked(), status, "Retry-After: 1")
    timed.clock.put_forward(11)
    refresh = await caller.asked()
    assert refresh.method == "UPDATE"
    caller.answer(refresh, "200 OK", f"Session-Expires: {AGREED};refresher=uac")
    await caller.hears_nothing()
    await caller.leaves()


async def test_a_callee_who_wants_longer_sessions_gets_them(timed: Timed) -> None:
    callee, invite = await timed.called()
    assert "timer" in invite.header("supported")
    least = int(invite.header("session-expires").partition(";")[0]) + 100
    callee.answer(invite, "422 Session Interval Too Small", f"Min-SE: {least}")
    again = await callee.asked()
    assert (again.header("session-expires"), again.header("min-se")) == (f"{least}", f"{least}")
    callee.answer(again, "200 OK", "Require: timer", f"Session-Expires: {least};refresher=uac")
    assert (await asyncio.to_thread(callee.wire.receive)).method == "ACK"
    timed.clock.put_forward(least // 2 + 1)
    refresh = await callee.asked()
    assert refresh.header("session-expires") == f"{least};refresher=uac"
    callee.answer(refresh, "200 OK", f"Session-Expires: {least};refresher=uac")
    await callee.leaves()


async def test_a_callee_who_stops_refreshing_is_left(timed: Timed) -> None:
    callee, invite = await timed.called()
    callee.answer(invite, "200 OK", f"Session-Expires: {AGREED};refresher=uas")
    await callee.hears_nothing()
    timed.clock.put_forward(OVERDUE)
    await callee.is_left()


async def test_a_callee_without_a_timer_is_never_left(timed: Timed) -> None:
    callee, invite = await timed.called()
    callee.answer(invite, "200 OK")
    await callee.hears_nothing()
    timed.clock.put_forward(7200)
    await callee.hears_nothing()
    await callee.leaves()


async def test_a_short_session_of_an_answer_is_not_kept(timed: Timed) -> None:
    """Nobody makes us send a request every moment."""
    callee, invite = await timed.called()
    callee.answer(invite, "200 OK", "Session-Expires: 0;refresher=uac")
    timed.clock.put_forward(AGREED)
    await callee.hears_nothing()
    await callee.leaves()
