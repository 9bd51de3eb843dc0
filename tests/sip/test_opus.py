"""What is agreed with a telephone that speaks Opus."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import closing

import numpy as np
import pytest

from sip.pjsua.library import OPUS_BITS
from tests.sip.codecs import OPUS, CodecPhone
from tests.sip.conftest import RATE, RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.talk import talking
from tests.sip.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


@needs_natives
async def test_no_more_is_asked_for_than_the_bus_takes(real_network: RealNetwork) -> None:
    with closing(Wire.open(real_network.address)) as wire:
        wire.send(wire.request("INVITE", OPUS.offer("127.0.0.1", 4000, 20), user="opus"))
        incoming, _ = await real_network.near.answered("opus")
        answer = await asyncio.to_thread(wire.final, incoming.call_id)
        tag = answer.header("to").rpartition("tag=")[2]
        wire.send(wire.request("ACK", user="opus", call_id=incoming.call_id, to_tag=tag))
        assert "opus/48000/2" in answer.body
        assert f"maxplaybackrate={RATE};sprop-maxcapturerate={RATE};maxaveragebitrate={OPUS_BITS * RATE}" in answer.body
        wire.send(wire.request("BYE", user="opus", call_id=incoming.call_id, to_tag=tag, cseq=2))
        await real_network.near.all_events(incoming.leg)


@needs_natives
async def test_packets_of_any_length_are_borne(real_network: RealNetwork) -> None:
    """Noise of up to 1,400 bytes, longer than the samples of a stream of 8 kHz; afterwards a telephone is heard as ever."""
    noise = np.random.default_rng(1)
    with closing(Wire.open(real_network.address)) as wire, closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as far:
        far.bind(("127.0.0.1", 0))
        body = OPUS.offer("127.0.0.1", far.getsockname()[1], 20)
        async with talking(real_network.near, wire, "opus-noise", body) as talk:
            for number, size in enumerate(range(200, 1401, 25)):
                header = struct.pack("!BBHII", 0x80, OPUS.payload, number, number * 960, 7)
                far.sendto(header + noise.bytes(size), ("127.0.0.1", talk.port))
                await asyncio.sleep(0.02)
        with CodecPhone(OPUS, 650, 20) as phone:
            body = OPUS.offer("127.0.0.1", phone.port, 20)
            async with talking(real_network.near, wire, "opus-after", body) as talk:
                phone.to = ("127.0.0.1", talk.port)
                await real_network.near.hears(talk.row, 650)
