"""Media comes from the far end of a call and from nobody else (sip/native/guard.c)."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from sip.events import Ended
from sip.pjsua.binding import strangers
from tests.sip.carrier import respond
from tests.sip.conftest import RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.rtp import Speaker, is_answered
from tests.sip.talk import conversing, media_port, offer, talking
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIRS = 1200
BEHIND_NAT = "10.255.255.1"
STRANGER = "127.0.0.9"


async def test_a_stranger_neither_is_heard_nor_hears(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "guarded-1", THEIRS) as ((row, port, *_), friend):
        refused = strangers()
        with Speaker(("127.0.0.1", port), 2000, ssrc=2) as other, Speaker(("127.0.0.1", port), 2500, ssrc=1) as forger:
            for _ in range(3):
                assert await near.heard(row) == THEIRS
            assert other.heard == forger.heard == 0
        await is_answered(friend)
        assert strangers() > refused + 20


@needs_natives
async def test_strangers_are_not_taken_for_the_source(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "guarded-7", THEIRS) as (talk, friend):
        with Speaker(("127.0.0.1", talk.port), 2000, ssrc=62):
            for _ in range(100):
                ((_, quality),) = await near.survey(talk.leg)
                assert quality is not None
                assert quality.heard_from == f"127.0.0.1:{friend.port}"
                await asyncio.sleep(0.007)  # so that looks fall between packets of either


async def test_a_stranger_who_is_first_has_to_give_way(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    friend = Speaker(("127.0.0.1", 9), THEIRS, ssrc=41)
    async with talking(near, wire, "guarded-5", offer("127.0.0.1", friend.port)) as (row, port, *_):
        with Speaker(("127.0.0.1", port), 2000, ssrc=42) as thief:
            await is_answered(thief)
            friend.to = ("127.0.0.1", port)
            with friend:
                await near.hears(row, THEIRS)
                await is_answered(friend)
                before = thief.heard
                for _ in range(2):
                    assert await near.heard(row) == THEIRS
                assert thief.heard == before


async def test_rtcp_of_a_stranger_is_not_read(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "guarded-6", THEIRS, ssrc=51) as ((row, port, *_), _):
        refused = strangers()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind((STRANGER, 0))
            for _ in range(20):
                stranger.sendto(struct.pack("!BBHI", 0x81, 203, 1, 51), ("127.0.0.1", port + 1))
            await near.hears(row, THEIRS)
            assert strangers() >= refused + 20
            stranger.setblocking(False)
            with pytest.raises(BlockingIOError):
                stranger.recv(2_000)


async def test_a_phone_behind_a_nat_is_latched_to_and_stays(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with talking(near, wire, "guarded-2", offer(BEHIND_NAT, 4000)) as (row, port, *_):
        with Speaker(("127.0.0.1", port), THEIRS, ssrc=7) as phone:
            await near.hears(row, THEIRS)
            await is_answered(phone)
            with Speaker(("127.0.0.1", port), 2000, ssrc=8) as stranger:
                for _ in range(2):
                    assert await near.heard(row) == THEIRS
                assert stranger.heard == 0


async def test_single_packets_are_no_source(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with talking(near, wire, "guarded-3", offer(BEHIND_NAT, 4000)) as (row, port, *_):
        for number in range(50):
            wire.socket.sendto(struct.pack("!BBHII", 0x80, 0, 1000 * number, 160, 1) + bytes(160), ("127.0.0.1", port))
        assert await near.heard(row) == 0


async def test_who_goes_on_from_a_new_address_is_followed(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with talking(near, wire, "guarded-4", offer(BEHIND_NAT, 4000)) as (row, port, *_):
        with Speaker(("127.0.0.1", port), THEIRS, ssrc=11) as before:
            await near.hears(row, THEIRS)
        with Speaker(("127.0.0.1", port), 2000, ssrc=12) as stranger:
            await asyncio.sleep(2.5)
            assert await near.heard(row) == 0
            with Speaker(("127.0.0.1", port), 1500, ssrc=11, sequence=before.sequence + 2) as after:
                await near.hears(row, 1500)
                await is_answered(after)
            assert stranger.heard == 0


async def test_who_has_talked_on_while_the_address_changed_is_followed(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with talking(near, wire, "guarded-5", offer(BEHIND_NAT, 4000)) as (row, port, *_):
        with Speaker(("127.0.0.1", port), THEIRS, ssrc=13) as before:
            await near.hears(row, THEIRS)
        with Speaker(("127.0.0.1", port), 1500, ssrc=13, sequence=before.sequence) as after:
            await near.hears(row, 1500)
            await is_answered(after)


@pytest.mark.parametrize("who", ["they", "we"])
async def test_the_end_of_a_leg_tells_what_its_audio_was_like(real_network: RealNetwork, wire: Wire, who: str) -> None:
    near = real_network.near
    with Speaker(("127.0.0.1", 9), THEIRS, ssrc=21) as friend:
        wire.send(wire.request("INVITE", offer("127.0.0.1", friend.port), user="measured"))
        incoming, row = await near.answered("measured")
        answer = await asyncio.to_thread(wire.final, incoming.call_id)
        tag = answer.header("to").rpartition("tag=")[2]
        wire.send(wire.request("ACK", user="measured", call_id=incoming.call_id, to_tag=tag))
        friend.to = ("127.0.0.1", media_port(answer))
        await near.hears(row, THEIRS)
        await is_answered(friend)
        if who == "they":
            wire.send(wire.request("BYE", user="measured", call_id=incoming.call_id, to_tag=tag, cseq=2))
        else:
            near.endpoint.hang_up(incoming.leg)
            bye = await asyncio.to_thread(wire.receive)
            wire.send(respond(bye, "200 OK"))
        ended = (await near.all_events(incoming.leg))[-1]
        assert isinstance(ended, Ended)
        quality = ended.quality
        assert quality is not None
        assert quality.received > 10 < quality.sent
        assert (quality.codec, quality.lost) == ("PCMU", 0)
        assert quality.declared == quality.heard_from == f"127.0.0.1:{friend.port}"
        assert quality.mos > 4
