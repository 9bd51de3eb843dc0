"""Known faults of the library that is built (see sip/native/build.sh): each is sent what brought it out."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import closing

import numpy as np
import pytest

from sip.pjsua.owner import Owner
from tests.sip.codecs import OPUS, CodecPhone
from tests.sip.conftest import RealNetwork
from tests.sip.natives import needs_natives
from tests.sip.talk import conversing, talking
from tests.sip.wire import AUDIO, SDP, Wire, lives

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIRS = 1200
RECEIVER_REPORT = struct.pack("!BBHI", 0x80, 201, 1, 1)


async def test_a_contact_that_asks_for_tls_stops_nothing(real_network: RealNetwork, wire: Wire) -> None:
    text = wire.request("INVITE", SDP + AUDIO, user="encrypted-contact")
    text = text.replace(f"Contact: <sip:wire@127.0.0.1:{wire.port}>", "Contact: <sip:wire@127.0.0.1:5061;transport=tls>")
    assert (await asyncio.to_thread(wire.ask, text)).code >= 400
    assert await lives(wire)


async def test_rtcp_before_there_is_a_stream_is_harmless(real_network: RealNetwork, wire: Wire) -> None:
    before = {port for port in range(20_000, 30_000) if is_bound(port)}
    wire.send(wire.request("INVITE", SDP + AUDIO, user="early-rtcp"))
    incoming = await real_network.near.incoming("early-rtcp")
    ours = [port for port in range(20_000, 30_000) if port not in before and is_bound(port)]
    assert ours
    for port in ours:
        for packet in (RECEIVER_REPORT, b"\x80\x00" + bytes(170), b"\x16\xfe\xff" + bytes(20), b"x", b""):
            wire.socket.sendto(packet, ("127.0.0.1", port))
    assert await lives(wire)
    real_network.near.endpoint.answer(incoming.leg)
    real_network.near.endpoint.hang_up(incoming.leg)
    await real_network.near.all_events(incoming.leg)
    assert await lives(wire)


async def test_packets_for_a_call_that_rings_hold_up_no_other(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "not-held-up", THEIRS) as (talk, _):
        before = {port for port in range(20_000, 30_000) if is_bound(port)}
        wire.send(wire.request("INVITE", SDP + AUDIO, user="rings"))
        incoming = await near.incoming("rings")
        for port in range(20_000, 30_000):
            if port not in before and is_bound(port):
                wire.socket.sendto(RECEIVER_REPORT, ("127.0.0.1", port))
        assert [await near.heard(talk.row) for _ in range(5)] == [THEIRS] * 5
        near.endpoint.hang_up(incoming.leg)
        await near.all_events(incoming.leg)


def is_bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


@needs_natives
async def test_packets_of_opus_may_be_longer_than_the_samples_in_them(real_network: RealNetwork, wire: Wire) -> None:
    """Noise of up to 1,400 bytes, where a stream of 8 kHz has room for 960; afterwards a telephone is heard as ever."""
    noise = np.random.default_rng(1)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as far:
        far.bind(("127.0.0.1", 0))
        body = OPUS.offer("127.0.0.1", far.getsockname()[1], 20)
        async with talking(real_network.near, wire, "opus-noise", body) as talk:
            for number, size in enumerate(range(200, 1401, 25)):
                header = struct.pack("!BBHII", 0x80, OPUS.payload, number, number * 960, 7)
                far.sendto(header + noise.bytes(size), ("127.0.0.1", talk.port))
                await asyncio.sleep(0.02)
    with CodecPhone(OPUS, THEIRS, 20) as phone:
        async with talking(real_network.near, wire, "opus-after", OPUS.offer("127.0.0.1", phone.port, 20)) as talk:
            phone.to = ("127.0.0.1", talk.port)
            await real_network.near.hears(talk.row, THEIRS)


async def test_what_is_wanted_before_the_library_is_open_waits_for_it() -> None:
    owner, done = Owner(), list[str]()
    owner.do(lambda: done.append("queued"))
    owner.start(lambda: done.append("opened"))
    owner.stop()
    assert done == ["opened", "queued"]


async def test_a_library_that_cannot_be_opened_is_reported() -> None:
    owner = Owner()
    with pytest.raises(ZeroDivisionError):
        owner.start(lambda: [][1 // 0])
    owner.stop()
