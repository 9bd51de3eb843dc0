"""A session recording server of a few lines (RFC 7866): takes INVITEs, keeps their metadata, and hears each stream apart."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from media.frame import Samples
from media.g711 import decode_alaw
from sip.message import Message, parse_message
from tests.sip.carrier import respond
from tests.sip.sound import dominant

SECONDS = 10
_RTP_HEADER = 12
_WINDOW = 3200


class _Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.frames: list[Samples] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.frames.append(decode_alaw(np.frombuffer(data, np.uint8)[_RTP_HEADER:]))


@dataclass
class RecordedCall:
    """One recording session."""

    invite: Message
    description: str
    metadata: str
    """XML."""
    ears: dict[str, _Ear] = field(default_factory=dict)
    """By label."""
    bye: asyncio.Event = field(default_factory=asyncio.Event)
    sockets: list[asyncio.DatagramTransport] = field(default_factory=list)

    def heard(self, label: str) -> int:
        """The strongest frequency of the last 0.4 s of a stream; 0 is silence."""
        frames = self.ears[label].frames
        return dominant(np.concatenate(frames)[-_WINDOW:]) if frames else 0

    async def hears(self, **hertz: int) -> None:
        """Wait until each stream has its frequency; labels are written ``_1``."""
        async with asyncio.timeout(SECONDS):
            while any(self.heard(label.removeprefix("_")) != wanted for label, wanted in hertz.items()):
                await asyncio.sleep(0.05)

    async def ended(self) -> None:
        """Wait for the BYE."""
        await asyncio.wait_for(self.bye.wait(), SECONDS)


class RecordingServer(asyncio.DatagramProtocol):
    """Answers every INVITE with ``status``; use ``start``."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.calls: asyncio.Queue[RecordedCall] = asyncio.Queue()
        self._live: dict[str, RecordedCall] = {}
        self._transport: asyncio.DatagramTransport

    @classmethod
    async def start(cls) -> RecordingServer:
        """Listen on a free port."""
        _, server = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        return server

    @property
    def uri(self) -> str:
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"sip:recorder@{host}:{port}"

    async def call(self) -> RecordedCall:
        """The next recording session, once it is answered."""
        return await asyncio.wait_for(self.calls.get(), SECONDS)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        request = parse_message(data.decode())
        call_id = request.header("call-id")
        if request.method == "INVITE" and call_id not in self._live:
            asyncio.get_running_loop().create_task(self._answer(request, addr))
        elif request.method == "BYE":
            self._transport.sendto(respond(request, "200 OK"), addr)
            call = self._live.pop(call_id, None)
            if call is not None:
                call.bye.set()
                self._close(call)

    def close(self) -> None:
        """Listen no more."""
        for call in self._live.values():
            self._close(call)
        self._transport.close()

    async def _answer(self, request: Message, address: tuple[str, int]) -> None:
        parts = read_parts(request)
        call = RecordedCall(request, parts["application/sdp"], parts.get("application/rs-metadata+xml", ""))
        if self.status.startswith("200"):
            self._live[request.header("call-id")] = call
            body = await self._describe(call)
            fields = (f"Contact: <{self.uri}>;+sip.srs",)
            self._transport.sendto(respond(request, self.status, *fields, body=body), address)
        else:
            self._transport.sendto(respond(request, self.status), address)
        self.calls.put_nowait(call)

    async def _describe(self, call: RecordedCall) -> str:
        """An answer that takes every stream, each on a port of its own."""
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
        for section in call.description.split("m=audio ")[1:]:
            found = re.search(r"a=label:(\S+)", section)
            label = found[1] if found else ""
            socket, ear = await asyncio.get_running_loop().create_datagram_endpoint(_Ear, local_addr=("127.0.0.1", 0))
            call.ears[label] = ear
            call.sockets.append(socket)
            port = socket.get_extra_info("sockname")[1]
            lines += [f"m=audio {port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=recvonly", f"a=label:{label}"]
        return "\r\n".join([*lines, ""])

    def _close(self, call: RecordedCall) -> None:
        for socket in call.sockets:
            socket.close()


def read_parts(message: Message) -> dict[str, str]:
    """The bodies of a multipart message by their kind (RFC 2046)."""
    kind = message.header("content-type")
    found = re.search(r'boundary="?([^";]+)"?', kind)
    if found is None:
        return {kind: message.body}
    parts = {}
    for piece in message.body.split(f"--{found[1]}")[1:-1]:
        head, _, body = piece.partition("\r\n\r\n")
        name = re.search(r"content-type:\s*([^\s;]+)", head, re.IGNORECASE)
        parts[name[1] if name else ""] = body.removesuffix("\r\n")
    return parts
