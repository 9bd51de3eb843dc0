"""Sockets that speak SIP byte by byte, to say what no phone would."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import threading
from dataclasses import dataclass

from sip.addresses import bracketed
from sip.message import Message, parse_message

_numbers = itertools.count(1)
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
AUDIO = "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
SECONDS = 10


@dataclass(slots=True)
class Wire:
    """One UDP socket toward an endpoint."""

    address: tuple[str, int]
    socket: socket.socket

    @classmethod
    def open(cls, address: tuple[str, int], host: str = "") -> Wire:
        made = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((host or ("::1" if ":" in address[0] else "127.0.0.1"), 0))
        made.settimeout(SECONDS)
        return cls(address, made)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def host(self) -> str:
        """Where it is reached, as URIs have it."""
        address, port = self.socket.getsockname()[:2]
        return f"{bracketed(address)}:{port}"

    def request(
        self,
        method: str,
        body: str = "",
        *fields: str,
        kind: str = "application/sdp",
        user: str = "nobody",
        call_id: str = "",
        to_tag: str = "",
        via: str = "UDP",
        cseq: int = 1,
    ) -> str:
        """A correct request, apart from what it is given."""
        number = next(_numbers)
        host, far = self.host, bracketed(self.address[0])
        lines = [
            f"{method} sip:{user}@{far}:{self.address[1]} SIP/2.0",
            f"Via: SIP/2.0/{via} {host};branch=z9hG4bK{os.getpid()}w{number}",
            "Max-Forwards: 70",
            f"From: <sip:wire@{host}>;tag=wire",
            f"To: <sip:{user}@{far}>{';tag=' + to_tag if to_tag else ''}",
            f"Call-ID: {call_id or f'wire-{os.getpid()}-{number}'}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:wire@{host}>",
            *fields,
        ]
        if body:
            lines.append(f"Content-Type: {kind}")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def send(self, text: str | bytes) -> None:
        self.socket.sendto(text if isinstance(text, bytes) else text.encode(), self.address)

    def receive(self) -> Message:
        return parse_message(self.socket.recv(65_535).decode(errors="replace"))

    def final(self, call_id: str) -> Message:
        """The final response of a dialog; raises TimeoutError."""
        while True:
            message = self.receive()
            if message.code >= 200 and message.header("call-id") == call_id:
                return message

    def ask(self, text: str) -> Message:
        """Send a request, once a second because UDP may lose it, and wait for its final response."""
        self.socket.settimeout(1)
        try:
            for _ in range(SECONDS):
                self.send(text)
                with contextlib.suppress(TimeoutError):
                    return self.final(parse_message(text).header("call-id"))
        finally:
            self.socket.settimeout(SECONDS)
        raise TimeoutError(text)

    def options(self) -> Message:
        """Whether the endpoint still lives."""
        return self.ask(self.request("OPTIONS"))

    def close(self) -> None:
        self.socket.close()


def say_over_tcp(address: tuple[str, int], data: bytes) -> bytes:
    """Send bytes on a new connection, half-close it and read what comes back."""
    with socket.create_connection(address, SECONDS) as connection:
        received: list[bytes] = []

        def read() -> None:
            try:
                while chunk := connection.recv(65_535):
                    received.append(chunk)
            except OSError:
                pass  # Reset by an endpoint that has had enough.

        reader = threading.Thread(target=read)
        reader.start()
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The same.
        reader.join(SECONDS)
    return b"".join(received)


async def lives(wire: Wire) -> bool:
    """Whether the endpoint answers still."""
    return (await asyncio.to_thread(wire.options)).code == 200
