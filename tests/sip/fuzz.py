"""Damaged packets at a live endpoint, with calls up meanwhile that stay up and audible.

usage: python -m tests.sip.fuzz [PACKETS] [SEED]

Well-formed requests, responses, session descriptions, RTP and RTCP are cut, repeated, overwritten and filled with absurd numbers:
byte by byte, or line by line, so that what is right about the rest carries the damage further in. The same seed damages alike;
what a packet meets in the endpoint is a matter of timing all the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import re
import socket
import struct
import sys
import time
from dataclasses import dataclass

from sip.addresses import Addresses
from sip.pjsua import PjsuaEndpoint
from tests.ports import free_port
from tests.sip.near import ROWS, Near, matrix
from tests.sip.rtp import Speaker
from tests.sip.talk import Talk, call, offer, talking
from tests.sip.wire import AUDIO, SDP, Wire

ROUND = 100
"""Packets between two looks at whether the endpoint lives."""
WATCH = 5_000
"""Packets between two looks at whether the calls are heard."""
SHIFT = 1_000
"""Packets after which the victim calls anew with another codec."""
VOICES = (900, 1300)
MOST_CHANGES = 8
LONGEST = 60_000
_WORD = re.compile(r"[\w.%-]+")
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
REFERRAL = "Refer-To: <sip:a@127.0.0.1>\r\nEvent: refer;id=1\r\nSubscription-State: active"
TIMER = "Supported: timer, 100rel\r\nSession-Expires: 90;refresher=uac\r\nMin-SE: 90\r\nRSeq: 1\r\nRAck: 1 1 INVITE"
CALLED = ("INVITE", "REGISTER", "OPTIONS", "ACK", "CANCEL", "SUBSCRIBE", "SIP/2.0")
INSIDE = ("INVITE", "UPDATE", "ACK", "BYE", "INFO", "PRACK", "CANCEL", "REFER", "NOTIFY")
OFTEN = (6, 3, 3, 1, 2, 1, 1, 1, 1)
CODECS = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 96: "opus/48000/2"}
EVENTS = 101
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
    return bytes(changed[:LONGEST])


def distort(text: str, dice: random.Random) -> str:
    """A few lines twice, nowhere, elsewhere, or with an absurd word; the rest stays as it is."""
    lines = text.split("\r\n")
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(lines))
        match dice.randrange(4):
            case 0:
                lines[at:at] = [lines[at]] * dice.choice((1, 2, 40))
            case 1 if len(lines) > 1:
                del lines[at]
            case 2:
                lines.insert(dice.randrange(len(lines)), lines.pop(at))
            case _:
                words = _WORD.findall(lines[at]) or [""]
                chosen = dice.choice(words)
                absurd = dice.choice((*ABSURD, chosen.encode() * 40)).decode("latin-1")
                lines[at] = lines[at].replace(chosen, absurd, 1)
    return "\r\n".join(lines)[:LONGEST]


def say_briefly(address: tuple[str, int], packet: bytes) -> None:
    """Send on a new connection, and leave without waiting for long."""
    with contextlib.suppress(OSError), socket.create_connection(address, 5) as connection:
        connection.settimeout(0.1)
        connection.sendall(packet)
        connection.recv(LONGEST)


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
        self._codec = 0
        self._numbers = iter(range(sys.maxsize))
        self.sent = 0

    async def attack(self, packets: int) -> None:
        """Send so many more, in whole rounds; raises TimeoutError when the endpoint answers no more."""
        for _ in range(0, packets, ROUND):
            await self._renew()
            self.sent += ROUND
            over_tcp = []
            for _ in range(ROUND):
                if self._dice.random() < 0.4:
                    self._say_media()
                    continue
                packet = self._packet()
                if self._dice.random() < 0.02:
                    over_tcp.append(packet.replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP"))
                else:
                    self._wire.send(packet)
            for packet in over_tcp:
                await asyncio.to_thread(say_briefly, self._address, packet)
            assert (await asyncio.to_thread(self._probe.options)).code == 200
            self._near.refuse_waiting()

    def close(self) -> None:
        for wire in (self._wire, self._probe, self._media):
            wire.close()

    async def _renew(self) -> None:
        """A victim that has been ended by what it was sent is followed by another, and so is one that has lasted long."""
        if self._victim is not None and not self._near.has_ended(self._victim.leg):
            if self.sent % SHIFT:
                return
            self._near.endpoint.hang_up(self._victim.leg)
        self._codec = self._dice.choice(list(CODECS))
        user = f"victim-{os.getpid()}-{next(self._numbers)}"
        self._victim = await call(self._near, self._probe, user, self._offer())

    def _offer(self) -> str:
        kinds = f"RTP/AVP {self._codec} {EVENTS}\r\na=rtpmap:{self._codec} {CODECS[self._codec]}\r\n"
        events = f"a=rtpmap:{EVENTS} telephone-event/8000\r\na=fmtp:{EVENTS} 0-15\r\n"
        return f"{SDP}m=audio {self._media.port} {kinds}{events}"

    def _packet(self) -> bytes:
        """A message that is damaged as a whole, in its head, or in its body, whose length is right in the last two."""
        head, body = self._message()
        match self._dice.randrange(3):
            case 0:
                return damage(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode(), self._dice)
            case 1:
                head = distort(head.removesuffix("\r\n"), self._dice) + "\r\n"
            case _:
                body = distort(body, self._dice)
        length = len(body.encode("latin-1"))
        return f"{head}Content-Length: {length}\r\n\r\n{body}".encode("latin-1")

    def _message(self) -> tuple[str, str]:
        """All of a head but its length, and a body."""
        dice, victim = self._dice, self._victim
        if victim is not None and dice.random() < 0.4:
            method = dice.choices(INSIDE, OFTEN)[0]
            inside = {"user": victim.user, "call_id": victim.call_id, "to_tag": victim.tag}
            text = self._wire.request(method, "", REFERRAL, TIMER, cseq=dice.randrange(2, 1_000), **inside)
        else:
            method = dice.choice(CALLED)
            text = self._wire.request(method, "", DIGEST, TIMER)
            if method == "SIP/2.0":
                text = text.replace(text.partition("\r\n")[0], f"SIP/2.0 {dice.choice((100, 183, 200, 302, 401, 486, 503))} Well")
        head = text.partition("Content-Length")[0]
        if method not in ("INVITE", "UPDATE", "ACK", "PRACK", "SIP/2.0"):
            return head, ""
        return f"{head}Content-Type: application/sdp\r\n", self._description()

    def _description(self) -> str:
        audio = AUDIO + "a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=ptime:20\r\na=sendrecv\r\n"
        return SDP + self._dice.choice((audio, audio.replace("RTP/AVP", "RTP/SAVP") + CRYPTO, audio + "m=video 9 RTP/AVP 99\r\n"))

    def _say_media(self) -> None:
        assert self._victim is not None
        dice, rtcp = self._dice, self._dice.random() < 0.3
        kind = dice.choice((self._codec, self._codec, EVENTS))
        head = struct.pack("!BBHII", 0x80, kind, self.sent & 0xFFFF, 160 * self.sent & 0xFFFFFFFF, 77)
        packet = RTCP if rtcp else head + dice.randbytes(dice.choice((1, 4, 40, 160, 900)))
        if dice.random() < 0.8:
            packet = damage(packet, dice)
        self._media.socket.sendto(packet, ("127.0.0.1", self._victim.port + rtcp))


@dataclass(frozen=True, slots=True)
class Bystander:
    """A call that has nothing to do with it."""

    talk: Talk
    voice: int
    speaker: Speaker

    async def is_well(self, near: Near) -> None:
        """Wait until it is heard and hears; raises TimeoutError and AssertionError."""
        await near.hears(self.talk.row, self.voice)
        before = self.speaker.heard
        await near.ticks(20)
        assert self.speaker.heard > before
        assert not near.has_ended(self.talk.leg)


async def fuzz(near: Near, address: tuple[str, int], packets: int, seed: int) -> None:
    """Attack while calls are up; raises AssertionError or TimeoutError when one of them or the endpoint suffers."""
    fuzzer, wire = Fuzzer(near, address, seed), Wire.open(address)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(wire.close)
        stack.callback(fuzzer.close)
        bystanders = []
        for number, voice in enumerate(VOICES):
            speaker = stack.enter_context(Speaker(("127.0.0.1", 9), voice, ssrc=1000 + number))
            body = offer("127.0.0.1", speaker.port)
            talk = await stack.enter_async_context(talking(near, wire, f"bystander-{os.getpid()}-{number}", body))
            speaker.to = ("127.0.0.1", talk.port)
            bystanders.append(Bystander(talk, voice, speaker))
        near.rows, usual = itertools.cycle(set(range(ROWS)) - {each.talk.row for each in bystanders}), near.rows
        while fuzzer.sent < packets:
            await fuzzer.attack(min(WATCH, packets - fuzzer.sent))
            for bystander in bystanders:
                await bystander.is_well(near)
        near.rows = usual


async def main(packets: int, seed: int) -> None:
    rx, tx = matrix(), matrix()
    port = free_port()
    near = Near(PjsuaEndpoint(rx, tx, rate=8000, addresses=Addresses(), port=port), rx, tx)
    near.start_clock()
    began = time.monotonic()
    try:
        await fuzz(near, ("127.0.0.1", port), packets, seed)
    finally:
        near.stop_clock()
        await asyncio.to_thread(near.endpoint.close)
    print(f"{packets} packets in {time.monotonic() - began:.0f} s with seed {seed}: {len(VOICES)} calls stayed up and audible")


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["200000"])[0]), int((sys.argv[2:] or ["1"])[0])))
