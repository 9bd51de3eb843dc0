"""What only a real network can show."""

from __future__ import annotations

import asyncio
import itertools
import socket

import numpy as np
import pytest

from sip.addresses import Addresses
from sip.endpoint import TransportUnavailable
from sip.events import Answered, Ended, Headers, Held, Pinged, Registering, Ringing
from sip.message import Message, parse_message
from sip.pjsua import PjsuaEndpoint
from tests.sip.carrier import respond
from tests.sip.conftest import RealNetwork
from tests.sip.far import Policy, hears
from tests.sip.near import matrix
from tests.sip.wire import AUDIO, SDP, Wire, say_over_tcp

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = itertools.count(1)


@pytest.fixture
def number() -> str:
    return f"real{next(_numbers)}"


async def test_late_offer_gets_ours_in_the_answer(real_network: RealNetwork, number: str) -> None:
    call = real_network.phone.dial(number, late=True)
    incoming, row = await real_network.near.answered(number)
    await real_network.near.event(incoming.leg, Answered)
    call.say(700)
    await real_network.near.hears(row, 700)
    call.hang_up()
    await real_network.near.event(incoming.leg, Ended)


async def test_late_offer_has_no_early_media_but_is_answered(real_network: RealNetwork, number: str) -> None:
    """What it would hear with is known only from its ACK (RFC 3261 section 13.2.1)."""
    call, near = real_network.phone.dial(number, late=True), real_network.near
    incoming, row = await near.incoming(number), next(near.rows)
    near.endpoint.attach(incoming.leg, row)
    near.endpoint.progress(incoming.leg)
    near.endpoint.answer(incoming.leg)
    await near.event(incoming.leg, Answered)
    call.say(700)
    await near.hears(row, 700)
    call.hang_up()
    await near.event(incoming.leg, Ended)


async def test_call_over_tcp(real_network: RealNetwork, number: str) -> None:
    call = real_network.phone.dial(number, parameters=";transport=tcp")
    incoming, row = await real_network.near.answered(number)
    await real_network.near.event(incoming.leg, Answered)
    call.say(900)
    await real_network.near.hears(row, 900)
    real_network.near.endpoint.hang_up(incoming.leg)
    assert await call.ended() == 200


async def test_from_is_the_identity_of_each_call(real_network: RealNetwork, number: str) -> None:
    for display, quoted in (("Front Desk", '"Front Desk"'), ('Al "Ace"', r'"Al \"Ace\""'), ("", "")):
        uri = real_network.phone.target(number, Policy("refuse", 486))
        leg, _ = real_network.near.invite(uri, from_display=display)
        call = await real_network.phone.called(number)
        sender = dict(call.headers)["From"]
        assert sender.startswith(f"{quoted} <sip:+15550100@switch.test>".strip())
        await real_network.near.event(leg, Ended)


async def test_header_cannot_smuggle_in_another(real_network: RealNetwork, number: str) -> None:
    uri = real_network.phone.target(number, Policy("refuse", 486))
    leg, _ = real_network.near.invite(uri, headers=(("X-Note", "a\r\nX-Evil: b"), ("Bad Name", "c")))
    headers = dict((await real_network.phone.called(number)).headers)
    assert headers["X-Note"].split() == ["a", "X-Evil:", "b"]
    assert "X-Evil" not in headers
    assert "Bad Name" not in headers
    await real_network.near.event(leg, Ended)


async def test_a_callee_is_reached_at_its_contact_and_named_as_ever(real_network: RealNetwork, number: str) -> None:
    contact = real_network.phone.target(number, Policy("refuse", 486))
    leg, _ = real_network.near.invite("sip:bob@phones.example.com", target=contact)
    headers = dict((await real_network.phone.called(number)).headers)
    assert headers["To"] == "<sip:bob@phones.example.com>"
    assert (await real_network.near.event(leg, Ended)).code == 486


async def test_an_invite_goes_through_the_proxies_of_its_way(real_network: RealNetwork) -> None:
    near, proxy = real_network.near, Wire.open(real_network.address)
    way = (f"sip:near@127.0.0.1:{proxy.port};lr", "sip:far@proxy.example.com;lr")
    leg, _ = near.invite("sip:bob@phones.example.com", target="sip:bob@10.0.0.5:5062;x=y", route=way)
    request = await asyncio.to_thread(proxy.receive)
    while request.method != "INVITE":
        request = await asyncio.to_thread(proxy.receive)
    assert request.request_uri == "sip:bob@10.0.0.5:5062;x=y"
    assert [value for name, value in request.headers if name == "Route"] == [f"<{uri}>" for uri in way]
    proxy.send(respond(request, "486 Busy Here"))
    assert (await near.event(leg, Ended)).code == 486
    leg, _ = near.invite(f"sip:bob@127.0.0.1:{proxy.port}")
    request = await asyncio.to_thread(proxy.receive)
    while request.method != "INVITE" or request.request_uri != f"sip:bob@127.0.0.1:{proxy.port}":
        request = await asyncio.to_thread(proxy.receive)
    assert request.header("route") == ""
    proxy.send(respond(request, "486 Busy Here"))
    assert (await near.event(leg, Ended)).code == 486
    proxy.close()


async def test_a_ping_is_an_options_whose_answer_disturbs_nobody(real_network: RealNetwork) -> None:
    phone = Wire.open(real_network.address)
    real_network.near.endpoint.peers.ping("no URI")
    target = f"sip:alice@127.0.0.1:{phone.port};x=y"
    real_network.near.endpoint.peers.ping(target)
    request = await asyncio.to_thread(phone.receive)
    assert (request.method, request.request_uri) == ("OPTIONS", target)
    assert "branch=z9hG4bK" in request.header("via")
    phone.send(respond(request, "200 OK"))
    assert (await asyncio.to_thread(phone.options)).code == 200
    phone.close()


async def test_an_answer_that_crosses_our_cancel_is_hung_up(real_network: RealNetwork) -> None:
    near, phone = real_network.near, Wire.open(real_network.address)
    leg, _ = near.invite(f"sip:bob@127.0.0.1:{phone.port}")

    async def next_of(method: str) -> Message:
        while (message := await asyncio.to_thread(phone.receive)).method != method:
            pass
        return message

    invite = await next_of("INVITE")
    phone.send(respond(invite, "180 Ringing"))
    await near.event(leg, Ringing)
    near.endpoint.hang_up(leg)
    cancel = await next_of("CANCEL")
    contact = f"Contact: <sip:bob@127.0.0.1:{phone.port}>"
    phone.send(respond(invite, "200 OK", contact, body=SDP + AUDIO))
    phone.send(respond(cancel, "200 OK"))
    await next_of("ACK")
    phone.send(respond(await next_of("BYE"), "200 OK"))
    ended = await near.event(leg, Ended)
    assert ended.by_peer is False
    assert near.silent(leg)
    phone.close()


async def test_refused_connection_ends_the_call_at_once(real_network: RealNetwork) -> None:
    leg, _ = real_network.near.invite("sip:nobody@127.0.0.1:9;transport=tcp")
    ended = await real_network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (503, False)


@pytest.mark.parametrize("change", ["a=inactive\r\n", "a=sendonly\r\n", "0.0.0.0"])
async def test_every_kind_of_hold(real_network: RealNetwork, number: str, change: str) -> None:
    near, wire = real_network.near, Wire.open(real_network.address)
    call_id = f"{number}@hold"
    wire.send(wire.request("INVITE", SDP + AUDIO, user=number, call_id=call_id))
    incoming, _ = await near.answered(number)
    tag = (await asyncio.to_thread(wire.final, call_id)).header("to").partition("tag=")[2]
    wire.send(wire.request("ACK", user=number, call_id=call_id, to_tag=tag))
    await near.event(incoming.leg, Answered)
    held = (SDP + AUDIO).replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0") if change == "0.0.0.0" else SDP + AUDIO + change
    for cseq, body, expected in ((2, held, True), (3, SDP + AUDIO, False)):
        again = wire.request("INVITE", body, user=number, call_id=call_id, to_tag=tag, cseq=cseq)
        assert (await asyncio.to_thread(wire.ask, again)).code == 200
        wire.send(wire.request("ACK", user=number, call_id=call_id, to_tag=tag, cseq=cseq))
        assert (await near.event(incoming.leg, Held)).held is expected
    near.endpoint.hang_up(incoming.leg)
    await near.event(incoming.leg, Ended)
    wire.close()


async def test_bridge_survives_a_hold(real_network: RealNetwork, number: str) -> None:
    near, phone = real_network.near, real_network.phone
    one, two = phone.dial(number), phone.dial(f"{number}b")
    first, _ = await near.answered(number)
    second, _ = await near.answered(f"{number}b")
    await one.answered()
    await two.answered()
    near.endpoint.bridge(first.leg, second.leg)
    one.say(700)
    two.say(900)
    await hears(one, 900)
    await one.hold(True)
    assert (await near.event(first.leg, Held)).held
    await one.hold(False)
    assert not (await near.event(first.leg, Held)).held
    await hears(one, 900)
    await hears(two, 700)
    near.endpoint.hang_up(first.leg)
    near.endpoint.hang_up(second.leg)
    assert [await one.ended(), await two.ended()] == [200, 200]


async def test_a_register_is_answered_by_the_loop(real_network: RealNetwork) -> None:
    near, wire = real_network.near, Wire.open(real_network.address)
    asked: list[Registering] = []

    def answer(event: Registering) -> tuple[int, Headers]:
        asked.append(event)
        return 423, (("Min-Expires", "600"), ("X-Evil", "a\r\nX-Worse: b"))

    near.registrar, before = answer, near.registrar
    request = wire.request("REGISTER", "", "X-Note: 7")
    reply = await asyncio.to_thread(wire.ask, request)
    over_tcp = await asyncio.to_thread(say_over_tcp, real_network.address, wire.request("REGISTER", via="TCP").encode())
    near.registrar, port = before, wire.port
    wire.close()
    assert (reply.code, reply.header("min-expires"), reply.header("x-worse")) == (423, "600", "")
    assert "tag=" in reply.header("to")
    assert over_tcp.startswith(b"SIP/2.0 423 Interval Too Brief")
    assert asked[0].source == f"127.0.0.1:{port}"
    assert asked[0].request_uri == parse_message(request).request_uri
    assert ("X-Note", "7") in asked[0].headers


async def test_a_request_is_answered_once(real_network: RealNetwork) -> None:
    near, wire = real_network.near, Wire.open(real_network.address)
    near.endpoint.reply(1_000_000, 200)

    def twice(event: Registering) -> tuple[int, Headers]:
        near.endpoint.reply(event.request, 200)
        return 403, ()

    near.registrar, before = twice, near.registrar
    reply = await asyncio.to_thread(wire.ask, wire.request("REGISTER"))
    near.registrar = before
    wire.close()
    assert reply.code == 200


async def test_taken_port_is_reported(real_network: RealNetwork) -> None:
    host, port = real_network.address
    endpoint = PjsuaEndpoint(matrix(), matrix(), rate=8000, addresses=Addresses((host,)), port=port)
    with pytest.raises(TransportUnavailable, match=f"{host}:{port}"):
        endpoint.start(lambda event: None)


async def test_library_has_room_for_calls(real_network: RealNetwork) -> None:
    assert isinstance(real_network.near.endpoint, PjsuaEndpoint)
    assert real_network.near.endpoint.capacity >= 4


@pytest.mark.parametrize("shape", [(4, 80), (160,)])
async def test_matrices_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rx must be"):
        PjsuaEndpoint(np.zeros(shape, np.int16), matrix(), rate=8000, addresses=Addresses(), port=5060)


async def test_who_says_nothing_at_all_is_waited_for_as_long_as_was_said(real_network: RealNetwork) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        leg, _ = real_network.near.invite(f"sip:anybody@127.0.0.1:{silent.getsockname()[1]}", patience_seconds=0.7)
        ended = await real_network.near.event(leg, Ended)
        assert (ended.code, ended.by_peer) == (408, False)


async def test_who_says_anything_has_all_the_time(real_network: RealNetwork, number: str) -> None:
    leg, _ = real_network.near.invite(real_network.phone.target(number, Policy("ignore")), patience_seconds=2)
    await asyncio.sleep(2.5)
    real_network.near.endpoint.hang_up(leg)
    assert (await real_network.near.event(leg, Ended)).code == 487


async def test_an_options_that_is_answered_is_reported(real_network: RealNetwork, number: str) -> None:
    heard: asyncio.Queue[Pinged] = asyncio.Queue()
    real_network.near.pinged = heard.put_nowait
    ping = real_network.near.endpoint.peers.ping(real_network.phone.target(number, Policy("ignore")))
    assert (await asyncio.wait_for(heard.get(), 10)) == Pinged(ping, 200)


@pytest.mark.parametrize(("encrypted", "profile"), [(True, "RTP/SAVP"), (False, "RTP/AVP")])
async def test_audio_is_offered_encrypted_where_that_is_asked(real_network: RealNetwork, encrypted: bool, profile: str) -> None:
    wire = Wire.open(real_network.address)
    leg, _ = real_network.near.invite(f"sip:anybody@127.0.0.1:{wire.port}", encrypted=encrypted)
    invite = await asyncio.to_thread(wire.receive)
    assert f" {profile} " in next(line for line in invite.body.splitlines() if line.startswith("m=audio"))
    assert ("a=crypto:" in invite.body) or not encrypted
    wire.send(respond(invite, "486 Busy Here"))
    assert (await real_network.near.event(leg, Ended)).code == 486
    wire.close()
