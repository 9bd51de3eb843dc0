"""Audio in packets of 10 to 60 ms, whatever the codecs on both sides of a bridge."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from sip.guard import LONGEST_MAXPTIME, LONGEST_PTIME
from sip.pjsua.binding import has_natives
from tests.sip.codecs import CODECS, G722, OPUS, PCMU, Codec, CodecPhone
from tests.sip.conftest import RealNetwork
from tests.sip.patience import patient
from tests.sip.rtp import Speaker, is_answered
from tests.sip.sound import dominant
from tests.sip.talk import Talk, offer, talking
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

LENGTHS = (10, 20, 30, 40, 60)
ONE, OTHER = 650, 1200


@patient
async def hears(phone: CodecPhone, hz: int) -> None:
    while abs(dominant(await phone.sound()) - hz) > 50:
        pass


async def dial(stack: AsyncExitStack, network: RealNetwork, codec: Codec, hz: int, length: int) -> tuple[CodecPhone, Talk]:
    wire = Wire.open(network.address)
    stack.callback(wire.close)
    phone = stack.enter_context(CodecPhone(codec, hz, length))
    user = f"{codec.name}-{length}-{hz}"
    talk = await stack.enter_async_context(talking(network.near, wire, user, codec.offer("127.0.0.1", phone.port, length)))
    network.near.say(talk.row, 0)
    phone.to = ("127.0.0.1", talk.port)
    return phone, talk


@pytest.mark.parametrize(("codec", "length"), [(PCMU, LONGEST_PTIME), (G722, LONGEST_PTIME), (OPUS, 120)])
async def test_the_longest_packets_that_are_taken_are_sent_as_well(real_network: RealNetwork, codec: Codec, length: int) -> None:
    async with AsyncExitStack() as stack:
        phone, talk = await dial(stack, real_network, codec, ONE, LONGEST_PTIME)
        real_network.near.say(talk.row, OTHER)
        await hears(phone, OTHER)
        await real_network.near.hears(talk.row, ONE)
        assert phone.packet_milliseconds == length


async def test_what_a_mobile_telephone_would_take_at_most_is_no_reason_to_refuse_it(real_network: RealNetwork) -> None:
    wire = Wire.open(real_network.address)
    with Speaker(("127.0.0.1", 9), ONE, ssrc=1) as phone:
        body = offer("127.0.0.1", phone.port) + f"a=ptime:20\r\na=maxptime:{LONGEST_MAXPTIME}\r\n"
        async with talking(real_network.near, wire, "mobile", body) as talk:
            phone.to = ("127.0.0.1", talk.port)
            await real_network.near.hears(talk.row, ONE)
            await is_answered(phone)
    wire.close()


@pytest.mark.parametrize("turn", range(len(LENGTHS)), ids=[f"{length}ms" for length in LENGTHS])
async def test_every_codec_is_heard_in_every_other(real_network: RealNetwork, turn: int) -> None:
    """Four bridges: each codec with packets of one length, and another one with packets of another."""
    length = LENGTHS[turn]
    async with AsyncExitStack() as stack:
        pairs = []
        for place, codec in enumerate(CODECS):
            other, others = CODECS[(place + turn) % len(CODECS)], LENGTHS[(turn + place + 1) % len(LENGTHS)]
            here, talk = await dial(stack, real_network, codec, ONE, length)
            there, peer = await dial(stack, real_network, other, OTHER, others)
            real_network.near.endpoint.bridge(talk.leg, peer.leg)
            pairs += [(here, OTHER, length), (there, ONE, others)]
        await asyncio.gather(*(hears(phone, hz) for phone, hz, _ in pairs))
        for phone, _, wanted in pairs:
            if phone.codec is not OPUS or has_natives or wanted % 20 == 0:
                assert phone.packet_milliseconds == wanted, phone.codec.name
