"""What the advisories on pjproject 2.12.1 tell of, sent to a live endpoint; more of it is in test_hostile.py and test_pjproject.py."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import struct
import sys
from pathlib import Path

import pytest

from sip.events import Ended
from sip.guard import uses_srtp
from sip.message import Message
from sip.pjsua.binding import lib
from tests.nameserver import NameServer
from tests.namespace import apart
from tests.sip.carrier import Carrier, respond
from tests.sip.conftest import RealNetwork
from tests.sip.rtp import Speaker
from tests.sip.talk import conversing, media_port, offer, talking
from tests.sip.wire import AUDIO, SDP, Wire, lives

pytestmark = pytest.mark.asyncio(loop_scope="session")

THEIRS = 1200
STORM = 60


def crypto() -> str:
    """A key that nobody has seen before (RFC 4568)."""
    return f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{base64.b64encode(os.urandom(30)).decode()}\r\n"


def encrypted(port: int, profile: str = "RTP/SAVP") -> str:
    return offer("127.0.0.1", port).replace("RTP/AVP", profile) + crypto()


HEADS = {
    "sources beyond the end (CVE-2022-39244)": struct.pack("!BBHII", 0x8F, 0, 1, 160, 1) + bytes(20),
    "extension beyond the end": struct.pack("!BBHIIHH", 0x90, 0, 2, 160, 1, 0xBEDE, 0xFFFF) + bytes(20),
    "half an extension": struct.pack("!BBHIIH", 0x90, 0, 3, 160, 1, 0xBEDE),
    "nothing but padding": struct.pack("!BBHII", 0xA0, 0, 4, 160, 1) + b"\xff",
    "half a header": b"\x80\x00\x00",
    "a STUN request (CVE-2022-23537)": struct.pack("!HHI", 1, 0xFFFC, 0x2112A442) + bytes(12) + b"\x00\x06\xff\xff",
    "a STUN answer (CVE-2022-23547)": struct.pack("!HHI", 0x101, 8, 0x2112A442) + bytes(12) + b"\x00\x0a\xff\xff",
}


async def test_packets_whose_header_lies_are_not_read(real_network: RealNetwork, wire: Wire) -> None:
    near = real_network.near
    async with conversing(near, wire, "lying", THEIRS) as (talk, friend):
        for packet in HEADS.values():
            for port in (talk.port, talk.port + 1):
                friend.socket.sendto(packet, ("127.0.0.1", port))
        await near.hears(talk.row, THEIRS)
        assert await lives(wire)


@pytest.mark.parametrize("profile", ["RTP/SAVP", "RTP/AVP"])
async def test_srtp_cannot_be_talked_down(real_network: RealNetwork, wire: Wire, profile: str) -> None:
    """CVE-2022-39269."""
    async with talking(real_network.near, wire, f"down-{profile[4:]}", encrypted(9, profile)) as talk:
        inside = {"user": talk.user, "call_id": talk.call_id, "to_tag": talk.tag}
        for cseq, method in enumerate(("INVITE", "UPDATE"), 2):
            plain = wire.request(method, offer("127.0.0.1", 9), cseq=cseq, **inside)
            assert (await asyncio.to_thread(wire.ask, plain)).code == 488
            if method == "INVITE":
                wire.send(wire.request("ACK", cseq=cseq, **inside))


@pytest.mark.parametrize("code", [183, 200])
@pytest.mark.parametrize("answer", ["plain", "profile without keys"])
async def test_an_answer_cannot_talk_srtp_down(real_network: RealNetwork, wire: Wire, answer: str, code: int) -> None:
    """The other side of CVE-2022-39269: we have offered SRTP and nothing else."""
    near = real_network.near
    with Speaker(("127.0.0.1", 9), THEIRS, ssrc=33) as friend:
        leg, row = near.invite(f"sip:bob@{wire.host}", encrypted=True)
        invite = await asyncio.to_thread(wire.receive)
        assert "RTP/SAVP" in invite.body
        friend.to = ("127.0.0.1", media_port(invite))
        body = offer("127.0.0.1", friend.port)
        if answer != "plain":
            body = body.replace("RTP/AVP", "RTP/SAVP")
        wire.send(respond(invite, f"{code} Whatever", f"Contact: <sip:bob@{wire.host}>", body=body))
        seen: list[Message] = []
        while not seen or seen[-1].method not in ("BYE", "CANCEL"):
            seen.append(await asyncio.to_thread(wire.receive))
        wire.send(respond(seen[-1], "200 OK"))
        if seen[-1].method == "CANCEL":
            wire.send(respond(invite, "487 Request Terminated"))
        assert isinstance((await near.all_events(leg))[-1], Ended)
        assert friend.heard == 0
        assert await near.heard(row) == 0


async def test_a_storm_of_new_keys_under_media_is_survived(real_network: RealNetwork, wire: Wire) -> None:
    """CVE-2023-38703: streams are torn down while packets for them come in."""
    with Speaker(("127.0.0.1", 9), THEIRS, ssrc=32) as friend:
        async with talking(real_network.near, wire, "storm", encrypted(friend.port)) as talk:
            friend.to = ("127.0.0.1", talk.port)
            for cseq in range(2, STORM):
                body = encrypted(friend.port).replace("o=- 1 1", f"o=- 1 {cseq}")
                again = wire.request("INVITE", body, user=talk.user, call_id=talk.call_id, to_tag=talk.tag, cseq=cseq)
                wire.send(again)
                for _ in range(20):
                    friend.socket.sendto(b"\x80\x00" + os.urandom(170), friend.to)
                    friend.socket.sendto(b"\x80\xc9" + os.urandom(40), ("127.0.0.1", talk.port + 1))
                while (answer := await asyncio.to_thread(wire.final, talk.call_id)).header("cseq") != f"{cseq} INVITE":
                    pass
                assert answer.code == 200
                ack = wire.request("ACK", user=talk.user, call_id=talk.call_id, to_tag=talk.tag, cseq=cseq)
                wire.send(ack)
            assert await lives(wire)


async def test_ice_is_not_spoken(real_network: RealNetwork, wire: Wire) -> None:
    ice = "a=ice-ufrag:x\r\na=ice-pwd:0123456789012345678901\r\na=candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\n"
    wire.send(wire.request("INVITE", SDP + AUDIO + ice, user="ice", call_id=f"ice-{wire.port}"))
    incoming, _ = await real_network.near.answered("ice")
    answer = await asyncio.to_thread(wire.final, incoming.call_id)
    assert "m=audio" in answer.body
    assert "candidate" not in answer.body
    assert "ice-" not in answer.body
    real_network.near.endpoint.hang_up(incoming.leg)
    wire.send(wire.request("ACK", user="ice", call_id=incoming.call_id, to_tag=answer.header("to").rpartition("tag=")[2]))
    assert isinstance((await real_network.near.all_events(incoming.leg))[-1], Ended)


async def test_video_is_not_there(real_network: RealNetwork, wire: Wire) -> None:
    """CVE-2026-26203, CVE-2026-34235 and the like: its packetisers are not built, and a stream of it is refused."""
    assert not any(
        hasattr(lib, name) for name in ("pjmedia_vid_stream_create", "pjmedia_h264_unpacketize", "pjmedia_vp8_unpacketize")
    )
    video = "m=video 9 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n"
    wire.send(wire.request("INVITE", SDP + AUDIO + video, user="video", call_id=f"video-{wire.port}"))
    incoming, _ = await real_network.near.answered("video")
    answer = await asyncio.to_thread(wire.final, incoming.call_id)
    assert re.findall(r"m=(audio|video) (\d+)", answer.body)[1] == ("video", "0")
    real_network.near.endpoint.hang_up(incoming.leg)
    wire.send(wire.request("ACK", user="video", call_id=incoming.call_id, to_tag=answer.header("to").rpartition("tag=")[2]))
    assert isinstance((await real_network.near.all_events(incoming.leg))[-1], Ended)


def resolvers() -> list[str]:
    """Whom the C library asks on this machine."""
    named = re.findall(r"^nameserver\s+([\d.]+)", Path("/etc/resolv.conf").read_text(), re.MULTILINE)
    return [f"{address}/32" for address in named if not address.startswith("127.")]


async def test_the_library_asks_no_name_server() -> None:
    """CVE-2023-27585: its own resolver reads DNS answers wrongly. It is not there: names are looked up by the C library.

    A name server at the address of every one that this machine knows answers with a host, and so sees all that is asked:
    addresses, and no SRV or NAPTR, with which the resolver of pjsip begins.
    """

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        peer, carrier = await loop.create_datagram_endpoint(Carrier, local_addr=("127.0.0.1", 0))
        zone = {("callee.example.test", "A"): ("127.0.0.1",)}
        asked, server = await loop.create_datagram_endpoint(lambda: NameServer(zone), local_addr=("0.0.0.0", 53))
        uri = carrier.uri("refuses-codecs").replace("127.0.0.1", "callee.example.test")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.sip.named", uri, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
        assert output.decode().splitlines() == ["resolver None", "ended 488"]
        assert ("callee.example.test", "A") in server.asked
        assert {kind for _, kind in server.asked} <= {"A", "AAAA"}
        for transport in (peer, asked):
            transport.close()

    await apart(scenario, *resolvers())


@pytest.mark.parametrize(
    "field", ["Record-Route: <sip:127.0.0.1:9;lr>", "Route: <sip:127.0.0.1:9;lr>", "Contact: <sip:a@127.0.0.1:9>"]
)
async def test_a_hundred_proxies_change_nothing(wire: Wire, field: str) -> None:
    """The arrays of fixed size of #4998 and the like."""
    wire.send(wire.request("INVITE", SDP + AUDIO * 9, *[field] * 100))
    wire.send(wire.request("OPTIONS", "", *[field] * 100))
    assert await lives(wire)


@pytest.mark.parametrize(
    ("body", "agreed"),
    [
        (offer("127.0.0.1", 9), False),
        (encrypted(9), True),
        (encrypted(9, "RTP/AVP"), True),
        (encrypted(9, "UDP/TLS/RTP/SAVPF"), True),
    ],
)
async def test_encryption_is_seen_in_a_description(body: str, agreed: bool) -> None:
    assert uses_srtp(body) is agreed
