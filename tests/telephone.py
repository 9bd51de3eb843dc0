"""Telephones of a few lines: INVITE, ACK, RTP and BYE over UDP, and the time of the first sound."""

from __future__ import annotations

import asyncio
import re
import struct
import time
from collections.abc import Callable

import numpy as np

from media.frame import Samples
from media.g711 import decode_alaw, encode_alaw

LOUD = 500
"""Mean absolute sample of a packet that is no silence."""
_RTP_HEADER = 12
_EVENT = 101
_KEYS = "0123456789*#ABCD"


class _Sound:
    """The RTP side of a telephone: A-law in packets of 20 ms; ``on_sound`` is told the time of the first one that is loud.

    With ``events`` it takes keys as RFC 4733 has them.
    """

    def __init__(self, *, events: bool = False) -> None:
        self.keys = ""
        """Those that have come as events."""
        self._events = events
        self._event_at = b""
        self.on_sound: Callable[[float], None] | None = None
        self.on_packet: Callable[[float, bool], None] = lambda moment, loud: None
        """Told of every packet, and whether it is loud."""
        self._media: asyncio.DatagramTransport
        self._far: tuple[str, int] | None = None
        self._heard: list[Samples] = []
        self._said = 0

    @property
    def talking(self) -> bool:
        """Whether it knows where to send what it says."""
        return self._far is not None

    @property
    def sound(self) -> Samples:
        """All that was heard, at 8 kHz."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)

    def forget(self) -> None:
        """Have heard nothing so far."""
        self._heard.clear()

    def say(self, frame: Samples) -> None:
        """Send 20 ms at 8 kHz."""
        header = struct.pack(">BBHII", 0x80, 8, self._said % 65536, self._said * len(frame), 1)
        self._said += 1
        self._media.sendto(header + encode_alaw(frame).tobytes(), self._far)

    async def _listen(self) -> str:
        """Open the media socket; returns the SDP that names it."""
        loop = asyncio.get_running_loop()
        self._media, _ = await loop.create_datagram_endpoint(lambda: _Ear(self.hear), local_addr=("127.0.0.1", 0))
        port = self._media.get_extra_info("sockname")[1]
        kinds, more = ("8 101", "a=rtpmap:101 telephone-event/8000\r\n") if self._events else ("8", "")
        head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        return f"{head}m=audio {port} RTP/AVP {kinds}\r\na=ptime:20\r\n{more}"

    def _aim(self, message: str) -> None:
        """Send to where the SDP of a message says."""
        if port := re.search(r"^m=audio (\d+)", message, re.MULTILINE):
            self._far = ("127.0.0.1", int(port[1]))

    def hear(self, packet: bytes) -> None:
        """Take an RTP packet."""
        if packet[1] & 0x7F == _EVENT:
            if packet[4:8] != self._event_at:
                self._event_at = packet[4:8]
                self.keys += _KEYS[packet[_RTP_HEADER]]
            return
        frame = decode_alaw(np.frombuffer(packet, np.uint8)[_RTP_HEADER:])
        self._heard.append(frame)
        loud = bool(np.abs(frame.astype(int)).mean() > LOUD)
        self.on_packet(time.monotonic(), loud)
        if self.on_sound is not None and loud:
            report, self.on_sound = self.on_sound, None
            report(time.monotonic())


class Caller(_Sound, asyncio.DatagramProtocol):
    """One call to ``number`` at a switch."""

    def __init__(self, number: str, switch_port: int, name: int) -> None:
        super().__init__()
        self._uri = f"sip:{number}@127.0.0.1:{switch_port}"
        self._switch = ("127.0.0.1", switch_port)
        self._name = name
        self._requests = 1
        self._to = self._uri
        self._signalling: asyncio.DatagramTransport
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the switch has said BYE."""

    async def call(self, times: int = 1) -> None:
        """Send the INVITE, ``times`` times as on a bad network, and wait for the answer."""
        sdp = await self._listen()
        self._signalling, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        for _ in range(times):
            self._send("INVITE", 1, sdp)
        await asyncio.wait_for(self.answered, 10)

    def press(self, keys: str) -> None:
        """Send keys by SIP INFO, as old gateways do."""
        for key in keys:
            self._requests += 1
            self._send("INFO", self._requests, f"Signal={key}\r\nDuration=160\r\n", "application/dtmf-relay")

    def hang_up(self) -> None:
        """Send BYE and listen no more."""
        self._send("BYE", self._requests + 1)
        self._close()

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Signalling."""
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0 200") and "1 INVITE" in text:
            to = re.search(r"^To:\s*(.*?)\r?$", text, re.MULTILINE)
            self._to = to[1] if to else self._to
            self._aim(text)
            self._send("ACK", 1)
            if not self.answered.done():
                self.answered.set_result(None)
        elif text.startswith("BYE ") and not self.ended.done():
            self._signalling.sendto(_response(text), self._switch)
            self.ended.set_result(None)
            self._close()

    def _close(self) -> None:
        self._media.close()
        self._signalling.close()

    def _send(self, method: str, sequence: int, body: str = "", kind: str = "application/sdp") -> None:
        host, port = self._signalling.get_extra_info("sockname")[:2]
        to = self._to if self._to.startswith("<") else f"<{self._to}>"
        head = (
            f"{method} {self._uri} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKp{self._name}{method}{sequence}\r\n"
            f"From: <sip:+1555{self._name:07}@{host}:{port}>;tag=p{self._name}\r\nTo: {to}\r\n"
            f"Call-ID: telephone-{self._name}-{port}\r\n"
            f"CSeq: {sequence} {method}\r\nContact: <sip:probe@{host}:{port}>\r\nMax-Forwards: 70\r\n"
        )
        head += f"Content-Type: {kind}\r\n" if body else ""
        self._signalling.sendto(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode(), self._switch)


class Callee(_Sound, asyncio.DatagramProtocol):
    """A telephone at ``port`` that answers one call, at once unless ``early``: then it speaks before it is answered."""

    def __init__(self, *, events: bool = False, early: bool = False) -> None:
        super().__init__(events=events)
        self._early = early
        self._invited: tuple[str, tuple[str | int, int]]

    async def wait(self, port: int) -> None:
        """Be ready for the call."""
        self._sdp = await self._listen()
        self._signalling, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", port)
        )

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Signalling."""
        text = data.decode(errors="replace")
        if text.startswith("INVITE "):
            self._aim(text)
            self._invited = text, addr
            self._reply("183 Session Progress" if self._early else "200 OK")
        elif text.startswith("BYE "):
            self._signalling.sendto(_response(text), addr)

    def answer(self) -> None:
        """Answer what rings."""
        self._reply("200 OK")

    def _reply(self, status: str) -> None:
        request, addr = self._invited
        port = self._signalling.get_extra_info("sockname")[1]
        self._signalling.sendto(_response(request, self._sdp, port, status), addr)

    def close(self) -> None:
        """Be reached no more."""
        self._media.close()
        self._signalling.close()


def _response(request: str, sdp: str = "", port: int = 0, status: str = "200 OK") -> bytes:
    kept = [line for line in request.split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
    if sdp:
        kept = [f"{line};tag=callee" if line.startswith("To") else line for line in kept]
        kept += [f"Contact: <sip:callee@127.0.0.1:{port}>", "Content-Type: application/sdp"]
    return "\r\n".join([f"SIP/2.0 {status}", *kept, f"Content-Length: {len(sdp)}", "", sdp]).encode()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self._hear(data)
