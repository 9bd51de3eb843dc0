"""Damaged packets at a live endpoint, with calls up meanwhile that stay up and audible.

usage: python -m tests.sip.fuzz [PACKETS] [SEED]

Well-formed INVITE, REGISTER, ACK, BYE, UPDATE, OPTIONS, session descriptions, RTP and RTCP are cut, repeated, overwritten and
filled with absurd numbers. The same seed damages alike; what a packet meets in the endpoint is a matter of timing all the same.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import struct
import sys
import time
from contextlib import AsyncExitStack

from sip.pjsua import PjsuaEndpoint
from tests.ports import free_port
from tests.sip.near import ROWS, Near, matrix
from tests.sip.rtp import Speaker
from tests.sip.talk import Talk, call, offer, talking
from tests.sip.wire import AUDIO, SDP, Wire, say_over_tcp

ROUND = 100
"""Packets between two looks at whether the endpoint lives."""
VOICES = (900, 1300)
MOST_CHANGES = 8
ABSURD = (
    b"",
    b"0",
    b"-1",
    b"4294967296",
    b"99999999999999999999",
    b"%s%n",
    b"\0",
    b"\xff\xfe",
    b"\r\n",
    b"\r\n\r\n",
    b":",
    b";",
    b'"',
    b"<",
)
CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{'A' * 40}\r\n"
DIGEST = 'Authorization: Digest username="a", realm="b", nonce="c", uri="sip:d", response="e", nc=00000001, cnonce="f", qop=auth'
CALLED = ("INVITE", "REGISTER", "OPTIONS", "ACK")
INSIDE = ("INVITE", "UPDATE", "ACK", "BYE", "INFO")
RTP = struct.pack("!BBHII", 0x80, 0, 1, 160, 77) + bytes(160)
RTCP = (
    struct.pack("!BBHIIIIIIBBHI", 0x81, 200, 12, 77, 1, 2, 3, 4, 5, 0, 0, 0, 6)
    + bytes(20)
    + struct.pack("!BBHIBB", 0x81, 202, 2, 77, 1, 2)
    + b"ab"
)


def damage(packet: bytes, dice: random.Random) -> bytes:
    """A few changes anywhere."""
    changed = bytearray(packet)
    for _ in range(dice.randint(1, MOST_CHANGES)):
        at, length = dice.randrange(len(changed) + 1), dice.randint(1, 12)
        match dice.randrange(5):
            case 0:
                changed[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = changed[at : at + length] * dice.choice((1, 2, 40))
            case 3:
                changed[at : at + length] = dice.choice(ABSURD)
            case _:
                del changed[at + 4 * length :]
    return bytes(changed[:60_000])


class Fuzzer:
    """Attacks an endpoint in rounds, through a call of its own among others."""

    def __init__(self, near: Near, address: tuple[str, int], seed: int) -> None:
        self._near, self._address = near, address
        self._dice = random.Random(seed)
        self._wire = Wire.open(address)
        self._probe = Wire.open(address)
        self._media = Wire.open(address)
        """What the victim's session description names."""
        self._victim: Talk | None = None
        self._numbers = iter(range(sys.maxsize))
        self.sent = 0

    async def attack(self, packets: int) -> None:
        """Send so many; raises TimeoutError when the endpoint answers no more."""
        while self.sent < packets:
            await self._renew()
            over_tcp = []
            for _ in range(ROUND):
                if self._dice.random() < 0.4:
                    self._say_media()
                    continue
                packet = damage(self._message(), self._dice)
                if self._dice.random() < 0.02:
                    over_tcp.append(packet.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
                else:
                    self._wire.send(packet)
            for packet in over_tcp:
                await asyncio.to_thread(say_over_tcp, self._address, packet)
            self.sent += ROUND
            assert (await asyncio.to_thread(self._probe.options)).code == 200
            self._near.refuse_waiting()

    def close(self) -> None:
        for wire in (self._wire, self._probe, self._media):
            wire.close()

    async def _renew(self) -> None:
        """A victim that has been ended by what it was sent is followed by another."""
        if self._victim is None or self._near.has_ended(self._victim.leg):
            user = f"victim-{os.getpid()}-{next(self._numbers)}"
            self._victim = await call(self._near, self._probe, user, offer("127.0.0.1", self._media.port))

    def _message(self) -> bytes:
        dice, victim, body = self._dice, self._victim, ""
        if victim is not None and dice.random() < 0.4:
            method = dice.choices(INSIDE, (6, 3, 3, 1, 2))[0]
            if method in ("INVITE", "UPDATE"):
                body = self._description()
            cseq = dice.randrange(2, 1_000)
            return self._wire.request(
                method, body, user=victim.user, call_id=victim.call_id, to_tag=victim.tag, cseq=cseq
            ).encode()
        method = dice.choice(CALLED)
        return self._wire.request(method, self._description() if method in ("INVITE", "ACK") else "", DIGEST).encode()

    def _description(self) -> str:
        audio = AUDIO + "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=ptime:20\r\na=sendrecv\r\n"
        return SDP + self._dice.choice((audio, audio.replace("RTP/AVP", "RTP/SAVP") + CRYPTO, audio + "m=video 9 RTP/AVP 99\r\n"))

    def _say_media(self) -> None:
        assert self._victim is not None
        kind = self._dice.randrange(2)
        packet = damage((RTP, RTCP)[kind], self._dice)
        self._media.socket.sendto(packet, ("127.0.0.1", self._victim.port + kind))


async def fuzz(near: Near, address: tuple[str, int], packets: int, seed: int) -> None:
    """Attack while calls are up; raises AssertionError or TimeoutError when one of them or the endpoint suffers."""
    fuzzer, wire = Fuzzer(near, address, seed), Wire.open(address)
    async with AsyncExitStack() as stack:
        stack.callback(wire.close)
        stack.callback(fuzzer.close)
        talks = []
        for number, voice in enumerate(VOICES):
            speaker = stack.enter_context(Speaker(("127.0.0.1", 9), voice, ssrc=1000 + number))
            body = offer("127.0.0.1", speaker.port)
            talk = await stack.enter_async_context(talking(near, wire, f"bystander-{os.getpid()}-{number}", body))
            speaker.to = ("127.0.0.1", talk.port)
            talks.append((talk, voice, speaker))
        near.rows, usual = itertools.cycle(set(range(ROWS)) - {talk.row for talk, *_ in talks}), near.rows
        await fuzzer.attack(packets)
        near.rows = usual
        for talk, voice, speaker in talks:
            await near.hears(talk.row, voice)
            before = speaker.heard
            await near.ticks(20)
            assert speaker.heard > before
            assert not near.has_ended(talk.leg)


async def main(packets: int, seed: int) -> None:
    rx, tx = matrix(), matrix()
    port = free_port()
    near = Near(PjsuaEndpoint(rx, tx, rate=8000, bind="127.0.0.1", port=port), rx, tx)
    near.start_clock()
    began = time.monotonic()
    await fuzz(near, ("127.0.0.1", port), packets, seed)
    near.stop_clock()
    await asyncio.to_thread(near.endpoint.close)
    print(f"{packets} packets in {time.monotonic() - began:.0f} s with seed {seed}: {len(VOICES)} calls stayed up and audible")


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["200000"])[0]), int((sys.argv[2:] or ["1"])[0])))
