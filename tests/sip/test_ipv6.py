"""Calls over IPv6 beside those over IPv4, from one endpoint (RFC 3261, RFC 4566, RFC 6157)."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator

import pytest

from sip.endpoint import TransportUnavailable
from sip.events import Answered, Ended
from sip.message import parse_message
from sip.pjsua import PjsuaEndpoint
from sip.pjsua.binding import strangers
from tests.sip.carrier import respond
from tests.sip.conftest import RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.near import matrix
from tests.sip.rtp import Speaker, is_answered
from tests.sip.talk import OURS, conversing, offer, talking
from tests.sip.wire import Wire, say_over_tcp

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    needs_natives,
]

HOST = "::1"
THEIRS = 1200


@pytest.fixture
def wire(real_network: RealNetwork) -> Iterator[Wire]:
    made = Wire.open((HOST, real_network.address[1]))
    yield made
    made.close()


def lines(text: str, start: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith(start)]


async def test_a_call_is_heard_and_hears_and_strangers_do_not(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "six", THEIRS, host=HOST) as ((row, port, _, call_id, *_), friend):
        await is_answered(friend)
        refused = strangers()
        with Speaker((HOST, port), 2000, ssrc=2) as other:
            assert await near.heard(row) == THEIRS
            assert other.heard == 0
        assert strangers() > refused
        (answer,) = [message.text for message in near.messages[call_id] if "200 OK" in message.text and "m=audio" in message.text]
    assert lines(answer, "c=") == [f"c=IN IP6 {HOST}"]
    assert lines(answer, "o=")[0].endswith(f"IN IP6 {HOST}")
    assert lines(answer, "Contact:") == [f"Contact: <sip:[{HOST}]:{wire.address[1]}>"]


async def test_a_phone_behind_another_address_is_latched_to(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with talking(near, wire, "six-nat", offer("fd00:dead::9", 4000)) as (row, port, *_):
        with Speaker((HOST, port), THEIRS, ssrc=7) as phone:
            await near.hears(row, THEIRS)
            await is_answered(phone)


async def test_media_is_of_the_family_that_is_offered(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "six-four", THEIRS) as (_, friend):
        await is_answered(friend)


async def test_an_address_of_ipv6_is_called(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    with Speaker((HOST, 9), THEIRS, ssrc=4) as friend:
        leg, row = near.invite(f"sip:bob@{wire.host}")
        near.say(row, OURS)
        invite = await asyncio.to_thread(wire.receive)
        found = re.search(r"m=audio (\d+)", invite.body)
        assert found is not None
        friend.to = (HOST, int(found[1]))
        wire.send(respond(invite, "200 OK", f"Contact: <sip:bob@{wire.host}>", body=offer(HOST, friend.port)))
        await near.event(leg, Answered)
        await near.hears(row, THEIRS)
        await is_answered(friend)
        near.endpoint.hang_up(leg)
        while (bye := await asyncio.to_thread(wire.receive)).method != "BYE":
            pass
        wire.send(respond(bye, "200 OK"))
        await near.event(leg, Ended)
        near.say(row, 0)
    ours = f"[{HOST}]:{wire.address[1]}"
    assert invite.header("via").startswith(f"SIP/2.0/UDP {ours};")
    assert f"@{ours}" in invite.header("contact") or f"sip:{ours}" in invite.header("contact")
    assert lines(invite.body, "c=") == [f"c=IN IP6 {HOST}"]
    assert lines(invite.body, "a=rtcp:")[0].endswith(f"IN IP6 {HOST}")


async def test_options_over_tcp_are_answered(real_network: RealNetwork, wire: Wire) -> None:
    answer = await asyncio.to_thread(say_over_tcp, wire.address, wire.request("OPTIONS", via="TCP").encode())
    assert parse_message(answer.decode()).code == 200


async def test_a_taken_port_is_reported(real_network: RealNetwork) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        endpoint = PjsuaEndpoint(matrix(), matrix(), rate=8000, addresses=real_network.addresses, port=port)
        with pytest.raises(TransportUnavailable, match=rf"\[{HOST}\]:{port}"):
            endpoint.start(lambda event: None)
