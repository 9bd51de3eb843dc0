"""The WebSocket client against real servers (spec sections 3.9 and 5)."""

from __future__ import annotations

import asyncio
import contextlib
import http
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import trustme
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.utils import accept_key

from tests.ports import free_port
from voice.relay.channel import MOST_READ_AHEAD, SocketChannel
from voice.web import connection, websocket
from voice.web.connection import LONGEST_MESSAGE, MOST_AT_A_TIME, PAUSE_SECONDS
from voice.web.peer import Peer, SocketFailure
from voice.web.websocket import WebSocketDialler

TOKEN = "12345"
Handler = Callable[[ServerConnection], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The address of a server."""
    async with serve(handler, "127.0.0.1", 0, ssl=tls) as server:
        host = "localhost" if tls else "127.0.0.1"
        yield f"{'wss' if tls else 'ws'}://{host}:{next(iter(server.sockets)).getsockname()[1]}/audio"


@contextlib.asynccontextmanager
async def answering(handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """The address of a server that speaks something else."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handle(reader, writer)
        writer.close()

    async with await asyncio.start_server(handled, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


def token(sid: str) -> str:
    return TOKEN


class Ear:
    """Keeps what it is told."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.heard: list[str | bytes] = []
        self.room = 0
        self.changed = asyncio.Event()
        self.left: asyncio.Future[SocketFailure | None] = asyncio.get_running_loop().create_future()
        peer.attend(self)

    def hear(self, message: str | bytes) -> None:
        self.heard.append(message)
        self.changed.set()

    def go_on(self) -> None:
        self.room += 1
        self.changed.set()

    def leave(self, failure: SocketFailure | None) -> None:
        self.left.set_result(failure)

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self.changed.clear()
                await self.changed.wait()


async def attended(url: str, dialler: WebSocketDialler | None = None) -> Ear:
    return Ear(await (dialler or WebSocketDialler(token)).open(url))


async def fails(url: str, dialler: WebSocketDialler | None = None) -> str:
    with pytest.raises(SocketFailure) as failure:
        await (dialler or WebSocketDialler(token)).open(url)
    return failure.value.reason


async def breaks(handler: Handler) -> str | None:
    """How a connection ends for us; None is in good order."""
    async with serving(handler) as url:
        ear = await attended(url)
        failure = await asyncio.wait_for(ear.left, 10)
        ear.peer.abort()
        return None if failure is None else failure.reason


async def test_messages_there_and_back() -> None:
    async with serving(echo) as url:
        ear = await attended(url)
        for text in ("hello", "", "é" * 100, "x" * 70_000):
            assert ear.peer.send(text.encode()) or len(text) == 70_000
        await ear.until(lambda: ear.heard == ["hello", "", "é" * 100, "x" * 70_000])
        ear.peer.close()
        assert await ear.left is None
        ear.peer.send(b"more")


async def test_the_handshake_is_signed() -> None:
    """3.9: signed over the URL exactly as in the TwiML, no parameters; checked with the official SDK."""
    seen: list[Request] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)

    async with serving(look) as url:
        ear = await attended(url + "?a=1#rc=2")
        await ear.left
        (request,) = seen
        assert request.path == "/audio"
        assert "Sec-WebSocket-Extensions" not in request.headers
        assert RequestValidator(TOKEN).validate(url, {}, request.headers["X-Twilio-Signature"])


async def test_the_certificate_must_be_valid() -> None:
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with serving(echo, server) as url:
        assert await fails(url) == "tls"
        ear = await attended(url, WebSocketDialler(token, tls=trusting))
        ear.peer.send(b"secret")
        await ear.until(lambda: ear.heard == ["secret"])
        ear.peer.close()
        assert await ear.left is None


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(b"220 mail.example ESMTP\r\n" * 10)


async def vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def test_tls_to_who_does_not_speak_it() -> None:
    async with answering(shout) as url:
        assert await fails(url.replace("ws:", "wss:")) == "tls"


@pytest.mark.parametrize("status", [200, 302, 403, 500])
async def test_an_answer_other_than_101_is_a_refusal(status: int) -> None:
    """Also a redirection: nobody may send us elsewhere."""
    visits: list[str] = []

    async def elsewhere(connection: ServerConnection) -> None:
        visits.append("elsewhere")

    async with serving(elsewhere) as other:

        def answer(connection: ServerConnection, request: Request) -> Response:
            response = connection.respond(http.HTTPStatus(status), "no")
            response.headers["Location"] = other
            return response

        async with serve(echo, "127.0.0.1", 0, process_request=answer) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            assert await fails(f"ws://127.0.0.1:{port}/") == "handshake"
    assert visits == []


async def test_who_answers_something_else() -> None:
    for behaviour in (shout, vanish):
        async with answering(behaviour) as url:
            assert await fails(url) == "handshake"


async def test_who_does_not_answer_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "OPEN_SECONDS", 0.05)
    over = asyncio.Event()

    async def sleep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()

    async with answering(sleep) as url:
        assert await fails(url) == "timeout"
        over.set()


async def test_a_host_with_several_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that can be reached is used."""

    async def addresses(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    monkeypatch.setattr(websocket, "addresses_of", addresses)
    async with serving(echo) as url:
        ear = await attended(url.replace("127.0.0.1", "app.internal"))
        ear.peer.close()
        await ear.left


async def test_nobody_there() -> None:
    assert await fails(f"ws://127.0.0.1:{free_port()}/") == "refused"
    assert await fails("ws://nowhere.invalid/") == "unreachable"


@pytest.mark.parametrize("url", ["wss://", "wss://h:0/", "wss://h:99999/", "wss://[::1/", "wss://a b/", "wss:///x"])
async def test_what_is_no_address(url: str) -> None:
    assert await fails(url) == "malformed"


@pytest.mark.parametrize("url", ["ws://8.8.8.8/", "ws://[2001:4860:4860::8888]/", "http://127.0.0.1/", "//h/x"])
async def test_only_encrypted_into_the_internet(url: str) -> None:
    assert await fails(url) == "scheme"


async def test_a_private_network_only_where_that_is_allowed() -> None:
    careful = WebSocketDialler(token, allow_private_networks=False)
    assert await fails("ws://127.0.0.1/", careful) == "scheme"
    assert await fails("wss://127.0.0.1/", careful) == "private"
    assert await fails("wss://localhost/", careful) == "private"


async def _leave(connection: ServerConnection) -> None:
    return


async def _leave_without_a_code(connection: ServerConnection) -> None:
    connection.transport.write(b"\x88\x00")
    await connection.wait_closed()


async def _leave_in_anger(connection: ServerConnection) -> None:
    await connection.close(4000, "no more")


async def _die(connection: ServerConnection) -> None:
    connection.transport.abort()


async def _die_within_a_frame(connection: ServerConnection) -> None:
    connection.transport.write(b"\x81\x7e\x10\x00abc")
    connection.transport.close()


async def _send_garbage(connection: ServerConnection) -> None:
    connection.transport.write(b"\xff\xff garbage")
    await connection.wait_closed()


async def _send_no_text(connection: ServerConnection) -> None:
    connection.transport.write(b"\x81\x02\xff\xfe")
    await connection.wait_closed()


async def _send_too_much(connection: ServerConnection) -> None:
    await connection.send("a" * (LONGEST_MESSAGE + 1))
    await connection.wait_closed()


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (_leave, None),
        (_leave_without_a_code, None),
        (_leave_in_anger, "closed"),
        (_die, "broken"),
        (_die_within_a_frame, "broken"),
        (_send_garbage, "protocol"),
        (_send_no_text, "protocol"),
        (_send_too_much, "protocol"),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)).strip("_"),
)
async def test_how_a_connection_ends(handler: Handler, reason: str | None) -> None:
    assert await breaks(handler) == reason


async def test_what_a_server_says_first_is_heard() -> None:
    """Also when it comes in one packet with the end of the handshake, and before anybody attends."""

    async def greet(connection: ServerConnection) -> None:
        await connection.send("good day")
        await connection.wait_closed()

    async with serving(greet) as url:
        peer = await WebSocketDialler(token).open(url)
        await asyncio.sleep(0.05)
        ear = Ear(peer)
        await ear.until(lambda: ear.heard == ["good day"])
        peer.close()
        await ear.left


async def test_messages_of_every_shape() -> None:
    """Fragments with a ping between them, binary messages, and frames that come byte by byte."""

    async def talk(connection: ServerConnection) -> None:
        whole = b"\x01\x02he" + b"\x89\x01p" + b"\x80\x03llo" + b"\x82\x02\x00\x01" + b"\x81\x7e\x00\x82" + b"m" * 130
        for at in range(len(whole)):
            connection.transport.write(whole[at : at + 1])
            await asyncio.sleep(0)
        connection.transport.write(whole)
        await connection.wait_closed()

    async with serving(talk) as url:
        ear = await attended(url)
        await ear.until(lambda: ear.heard == ["hello", b"\x00\x01", "m" * 130] * 2)
        ear.peer.close()
        await ear.left


async def test_pings_are_sent_and_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PING_SECONDS", 0.01)

    async def talk(connection: ServerConnection) -> None:
        await (await connection.ping("are you there"))
        await connection.send("answered")
        await connection.wait_closed()

    async with serving(talk) as url:
        ear = await attended(url)
        await ear.until(lambda: ear.heard == ["answered"])
        await asyncio.sleep(0.05)
        ear.peer.close()
        assert await ear.left is None


async def test_nothing_is_read_while_it_is_paused() -> None:
    async def count(connection: ServerConnection) -> None:
        for number in range(10):
            await connection.send(str(number))
        await connection.wait_closed()

    class Slow(Ear):
        def hear(self, message: str | bytes) -> None:
            super().hear(message)
            if message == "3":
                self.peer.pause()

    async with serving(count) as url:
        ear = Slow(await WebSocketDialler(token).open(url))
        await ear.until(lambda: ear.heard == ["0", "1", "2", "3"])
        await asyncio.sleep(0.05)
        assert len(ear.heard) == 4
        ear.peer.resume()
        await ear.until(lambda: len(ear.heard) == 10)
        assert ear.heard == [str(number) for number in range(10)]
        ear.peer.close()
        await ear.left


@pytest.mark.parametrize("messages", [MOST_READ_AHEAD, 20 * MOST_READ_AHEAD])
async def test_a_goodbye_does_not_wait_for_what_nobody_reads(messages: int) -> None:
    """The far end's close frame comes behind all that it has sent before: that is read, and told to nobody."""
    ended: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def chatter(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            for number in range(messages):
                await connection.send(str(number))
        await connection.wait_closed()
        ended.set_result(connection.close_code)

    async with serving(chatter) as url:
        channel = SocketChannel(await WebSocketDialler(token).open(url))
        assert await channel.receive() == "0"
        await asyncio.sleep(0.2)  # so that it is not read any more
        await asyncio.wait_for(channel.close(), 10)
        while await channel.receive() is not None:
            pass  # until the good end, or SocketFailure
        assert await asyncio.wait_for(ended, 10) == 1000


async def test_a_goodbye_to_who_never_stops_talking_takes_a_moment_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "CLOSE_SECONDS", 0.3)

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        key = re.search(rb"Sec-WebSocket-Key: (.*)\r\n", await reader.readuntil(b"\r\n\r\n"), re.IGNORECASE)
        assert key is not None
        upgrade = "HTTP/1.1 101 Go on\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        writer.write(f"{upgrade}{accept_key(key[1].decode())}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"\x81\x01x" * 1000)
                await writer.drain()

    async with answering(flood) as url:
        channel = SocketChannel(await WebSocketDialler(token).open(url))
        assert await channel.receive() == "x"
        await asyncio.wait_for(channel.close(), 10)


async def test_a_flood_is_read_in_portions() -> None:
    """Others get their turn between them, however much has come at once."""
    frames = 5 * MOST_AT_A_TIME

    async def flood(connection: ServerConnection) -> None:
        connection.transport.write(b"\x81\x01x" * frames)
        await connection.wait_closed()

    async with serving(flood) as url:
        ear = await attended(url)
        began = asyncio.get_running_loop().time()
        await ear.until(lambda: len(ear.heard) == frames)
        assert asyncio.get_running_loop().time() - began >= 3 * PAUSE_SECONDS
        ear.peer.close()
        await ear.left


async def test_who_takes_nothing_is_told_of_and_keeps_nothing_of_ours_in_memory() -> None:
    """The last message for which there is room says so; the connection goes on when the far end does."""
    awake = asyncio.Event()

    async def sleep(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await connection.send("asleep")
        await awake.wait()
        connection.transport.resume_reading()
        async for _ in connection:
            pass

    async with serving(sleep) as url:
        ear = await attended(url)
        await ear.until(lambda: ear.heard == ["asleep"])
        text, sent = b"x" * 1000, 0
        while ear.peer.send(text):
            sent += 1
            await asyncio.sleep(0)
            assert sent < 100_000
        awake.set()
        await ear.until(lambda: ear.room == 1)
        assert ear.peer.send(text)
        ear.peer.close()
        assert await ear.left is None


async def test_a_connection_that_is_gone_before_anybody_attends() -> None:
    async with serving(_die) as url:
        peer = await WebSocketDialler(token).open(url)
        peer.abort()
        await asyncio.sleep(0.05)
        failure = await asyncio.wait_for(Ear(peer).left, 5)
        assert failure is not None
        assert failure.reason == "broken"
