"""A telephone of a few lines: INVITE, ACK, RTP and BYE over UDP, and the time of the first sound."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

import numpy as np

from media.frame import Samples
from media.g711 import decode_alaw

LOUD = 500
"""Mean absolute sample of a packet that is no silence."""
_RTP_HEADER = 12


class Caller(asyncio.DatagramProtocol):
    """One call to ``number`` at a switch; ``on_sound`` is told the time of the first packet that is not silent."""

    def __init__(self, number: str, switch_port: int, name: int) -> None:
        self._uri = f"sip:{number}@127.0.0.1:{switch_port}"
        self._switch = ("127.0.0.1", switch_port)
        self._name = name
        self._to = self._uri
        self._signalling: asyncio.DatagramTransport
        self._media: asyncio.DatagramTransport
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the switch has said BYE."""
        self.on_sound: Callable[[float], None] | None = None
        self._heard: list[Samples] = []

    async def call(self, times: int = 1) -> None:
        """Send the INVITE, ``times`` times as on a bad network, and wait for the answer."""
        loop = asyncio.get_running_loop()
        self._media, _ = await loop.create_datagram_endpoint(lambda: _Ear(self), local_addr=("127.0.0.1", 0))
        self._signalling, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        port = self._media.get_extra_info("sockname")[1]
        sdp = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\na=ptime:20\r\n"
        )
        for _ in range(times):
            self._send("INVITE", 1, sdp)
        await asyncio.wait_for(self.answered, 10)

    def hang_up(self) -> None:
        """Send BYE and listen no more."""
        self._send("BYE", 2)
        self._close()

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Signalling."""
        text = data.decode(errors="replace")
        if text.startswith("SIP/2.0 200") and "1 INVITE" in text:
            to = re.search(r"^To:\s*(.*?)\r?$", text, re.MULTILINE)
            self._to = to[1] if to else self._to
            self._send("ACK", 1)
            if not self.answered.done():
                self.answered.set_result(None)
        elif text.startswith("BYE ") and not self.ended.done():
            kept = [line for line in text.split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
            answer = "\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""])
            self._signalling.sendto(answer.encode(), self._switch)
            self.ended.set_result(None)
            self._close()

    @property
    def sound(self) -> Samples:
        """All that was heard, at 8 kHz."""
        return np.concatenate(self._heard) if self._heard else np.zeros(0, np.int16)

    def hear(self, packet: bytes) -> None:
        """Media."""
        frame = decode_alaw(np.frombuffer(packet, np.uint8)[_RTP_HEADER:])
        self._heard.append(frame)
        if self.on_sound is not None and np.abs(frame.astype(int)).mean() > LOUD:
            report, self.on_sound = self.on_sound, None
            report(time.monotonic())

    def _close(self) -> None:
        self._media.close()
        self._signalling.close()

    def _send(self, method: str, sequence: int, body: str = "") -> None:
        host, port = self._signalling.get_extra_info("sockname")[:2]
        to = self._to if self._to.startswith("<") else f"<{self._to}>"
        head = (
            f"{method} {self._uri} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bKp{self._name}{method}\r\n"
            f"From: <sip:+1555{self._name:07}@{host}:{port}>;tag=p{self._name}\r\nTo: {to}\r\n"
            f"Call-ID: telephone-{self._name}-{port}\r\n"
            f"CSeq: {sequence} {method}\r\nContact: <sip:probe@{host}:{port}>\r\nMax-Forwards: 70\r\n"
        )
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self._signalling.sendto(f"{head}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode(), self._switch)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        self._caller.hear(data)
