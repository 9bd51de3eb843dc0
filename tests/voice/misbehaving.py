"""A web server that does everything wrong, one path each; raw sockets, because no library would."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

XML = b"<Response><Say>Hello</Say></Response>"

TLS_HANDSHAKE = b"\x16"

Act = Callable[["Misbehaving", asyncio.StreamWriter], Awaitable[None]]


def answer(status: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole HTTP answer."""
    fields = {"Content-Length": str(len(body)), **headers}
    return (f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode() + body


@dataclass
class Misbehaving:
    """The server; ``requests`` holds the head of each request, ``bodies`` its body."""

    port: int = 0
    scheme: str = "http"
    requests: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            first = await reader.readexactly(1)
            if first == TLS_HANDSHAKE:
                writer.write(answer("400 Bad Request", {}, b""))
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            length = next(
                (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
            )
            self.bodies.append((await reader.readexactly(length)).decode())
            path = head.split(" ")[1].partition("?")[0]
            await ACTS[path](self, writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _says(data: bytes) -> Act:
    async def act(server: Misbehaving, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return act


def _xml(**headers: str) -> Act:
    return _says(answer("200 OK", {"Content-Type": "text/xml", "Connection": "close"} | headers, XML))


def _redirects(location: str, status: str = "302 Found") -> Act:
    return _says(answer(status, {"Location": location, "Connection": "close"}, b""))


async def _never_answers(server: Misbehaving, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _drips(server: Misbehaving, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _recovers(server: Misbehaving, writer: asyncio.StreamWriter) -> None:
    times = sum(request.split(" ")[1] == "/recovers" for request in server.requests)
    writer.write(
        answer("503 Busy", {"Connection": "close"}, b"") if times < 3 else answer("200 OK", {"Content-Type": "text/xml"}, XML)
    )


async def _goes_round(server: Misbehaving, writer: asyncio.StreamWriter) -> None:
    writer.write(answer("302 Found", {"Location": f"/round?{len(server.requests)}", "Connection": "close"}, b""))


ACTS: dict[str, Act] = {
    "/good": _xml(),
    "/html": _xml(**{"Content-Type": "text/html; charset=utf-8"}),
    "/cookie": _xml(**{"Set-Cookie": "visit=1; Path=/"}),
    "/error": _says(answer("500 Oh no", {"Content-Type": "text/xml"}, XML)),
    "/missing": _says(answer("404 Not Found", {}, b"")),
    "/silent": _never_answers,
    "/drips": _drips,
    "/cut-off": _says(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<Response>"),
    "/closes": _says(b""),
    "/garbage": _says(b"\x00\x01 this is no HTTP\r\n\r\n"),
    "/huge": _says(answer("200 OK", {"Content-Type": "text/xml"}, b" " * 100_000)),
    "/bomb": _says(answer("200 OK", {"Content-Type": "text/xml", "Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))),
    "/image": _says(answer("200 OK", {"Content-Type": "image/png"}, b"png")),
    "/untyped": _says(answer("200 OK", {}, XML)),
    "/broken": _says(answer("200 OK", {"Content-Type": "text/xml"}, b"<Response><Say>Hello</Response>")),
    "/text": _says(answer("200 OK", {"Content-Type": "text/plain"}, b"Good morning.")),
    "/round": _goes_round,
    "/moved": _redirects("/good"),
    "/nowhere": _redirects("http://broken:port/"),
    "/kept": _redirects("/good", "307 Temporary Redirect"),
    "/recovers": _recovers,
}


@contextlib.asynccontextmanager
async def misbehaving_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[Misbehaving]:
    """The server on a free port."""
    behaviour = Misbehaving(scheme="https" if tls else "http")
    server = await asyncio.start_server(behaviour.serve, "127.0.0.1", 0, ssl=tls)
    behaviour.port = server.sockets[0].getsockname()[1]
    try:
        yield behaviour
    finally:
        server.close()
