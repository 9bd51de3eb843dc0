"""REFER and NOTIFY byte by byte inside a real call: after each of it the call goes on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from sip.events import Answered, Ended, LegId, ReferAnswered, ReferProgress, Referred
from sip.message import Message
from tests.sip.carrier import respond
from tests.sip.conftest import RealNetwork
from tests.sip.wire import AUDIO, SDP, Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = itertools.count(1)


@dataclass
class WireCall:
    """A call of somebody who writes each message by hand."""

    wire: Wire
    user: str
    tag: str
    leg: LegId
    sequence: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    def request(self, method: str, *fields: str, body: str = "", kind: str = "message/sipfrag") -> str:
        call_id = f"{self.user}@wire"
        return self.wire.request(
            method, body, *fields, kind=kind, user=self.user, call_id=call_id, to_tag=self.tag, cseq=next(self.sequence)
        )

    async def ask(self, method: str, *fields: str, **more: str) -> Message:
        return await asyncio.to_thread(self.wire.ask, self.request(method, *fields, **more))

    async def next(self, method: str) -> Message:
        """The next request of a method that we send."""
        while (message := await asyncio.to_thread(self.wire.receive)).method != method:
            pass
        return message

    def respond(self, request: Message, status: str) -> None:
        self.wire.send(respond(request, status))


@pytest_asyncio.fixture(loop_scope="session")
async def call(real_network: RealNetwork) -> AsyncIterator[WireCall]:
    wire, near = Wire.open(real_network.address), real_network.near
    user = f"refers{next(_numbers)}"
    wire.send(wire.request("INVITE", SDP + AUDIO, user=user, call_id=f"{user}@wire"))
    incoming, _ = await near.answered(user)
    tag = (await asyncio.to_thread(wire.final, f"{user}@wire")).header("to").partition("tag=")[2]
    wire.send(wire.request("ACK", user=user, call_id=f"{user}@wire", to_tag=tag))
    await near.event(incoming.leg, Answered)
    made = WireCall(wire, user, tag, incoming.leg)
    yield made
    assert (await made.ask("BYE")).code == 200
    assert (await near.event(incoming.leg, Ended)).by_peer
    wire.close()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), 400),
        (("Refer-To: <sip:a@b>", "Refer-To: <sip:c@d>"), 400),
        ((f"Refer-To: <sip:{'a' * 3000}@b>",), 400),
        (("Refer-To: <http://example.com>",), 416),
    ],
)
async def test_refer_to_nonsense_is_refused(call: WireCall, fields: tuple[str, ...], code: int) -> None:
    assert (await call.ask("REFER", *fields)).code == code


async def test_repeated_refer_is_told_once(real_network: RealNetwork, call: WireCall) -> None:
    near, request = real_network.near, call.request("REFER", "Refer-To: <sip:a@b>")
    call.wire.send(request)
    call.wire.send(request)
    await near.event(call.leg, Referred)
    assert (await call.ask("REFER", "Refer-To: <sip:a@b>")).code == 491
    near.endpoint.referrals.answer(call.leg, 603)
    assert (await asyncio.to_thread(call.wire.final, f"{call.user}@wire")).code == 603
    assert (await asyncio.to_thread(call.wire.ask, request)).code == 603
    assert near.silent(call.leg)


async def test_notices_stop_when_the_phone_knows_no_subscription(real_network: RealNetwork, call: WireCall) -> None:
    near = real_network.near
    call.wire.send(call.request("REFER", "Refer-To: <sip:a@b>"))
    await near.event(call.leg, Referred)
    near.endpoint.referrals.answer(call.leg, 202)
    notice = await call.next("NOTIFY")
    assert notice.body == "SIP/2.0 100 Trying\r\n"
    assert notice.header("event") == "refer"
    call.respond(notice, "481 Subscription Does Not Exist")
    await near.ticks(40)
    near.endpoint.referrals.notify(call.leg, 200)
    assert (await call.ask("REFER", "Refer-To: <sip:a@b>", "Refer-To: <sip:a@b>")).code == 400  # and no NOTIFY before it
    assert near.silent(call.leg)


async def test_notice_nobody_asked_for_is_refused(real_network: RealNetwork, call: WireCall) -> None:
    fields = ("Event: refer", "Subscription-State: active")
    assert (await call.ask("NOTIFY", *fields, body="SIP/2.0 200 OK\r\n")).code == 481
    assert real_network.near.silent(call.leg)


async def test_phone_that_answers_nothing_is_noticed(real_network: RealNetwork, call: WireCall) -> None:
    near = real_network.near
    near.endpoint.referrals.refer(call.leg, "sip:carol@127.0.0.1", (("X-Note", "a\r\nX-Evil: b"),))
    request = await call.next("REFER")
    assert request.header("refer-to") == "<sip:carol@127.0.0.1>"
    assert request.header("referred-by").startswith("<sip:")
    assert request.header("x-evil") == ""
    near.endpoint.referrals.refer(call.leg, "sip:dave@127.0.0.1")
    assert (await near.event(call.leg, ReferAnswered)).code == 491
    call.respond(request, "202 Accepted")
    assert (await near.event(call.leg, ReferAnswered)).code == 202
    fields = ("Event: refer;id=93809824", "Subscription-State: terminated;reason=noresource")
    assert (await call.ask("NOTIFY", *fields, body="SIP/2.0 503 Busy", kind="text/plain")).code == 415
    assert (await call.ask("NOTIFY", *fields, body="SIP/2.0 503 Service Unavailable\r\n")).code == 200
    progress = await near.event(call.leg, ReferProgress)
    assert (progress.code, progress.last) == (503, True)


async def test_phone_that_suppresses_its_notices(real_network: RealNetwork, call: WireCall) -> None:
    near = real_network.near
    near.endpoint.referrals.refer(call.leg, "sip:carol@127.0.0.1")
    request = await call.next("REFER")
    call.wire.send(respond(request, "202 Accepted", "Refer-Sub: false"))
    assert (await near.event(call.leg, ReferAnswered)).code == 202
    progress = await near.event(call.leg, ReferProgress)
    assert (progress.code, progress.last) == (0, True)
