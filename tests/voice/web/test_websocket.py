"""The WebSocket client against real servers (spec sections 3.9 and 5)."""

from __future__ import annotations

import asyncio
import contextlib
import http
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import trustme
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from tests.ports import free_port
from voice.web import websocket
from voice.web.websocket import LONGEST_MESSAGE, SocketFailure, WebSocketDialler

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


async def fails(url: str, dialler: WebSocketDialler | None = None) -> str:
    with pytest.raises(SocketFailure) as failure:
        await (dialler or WebSocketDialler(token)).open(url)
    return failure.value.reason


async def breaks(handler: Handler) -> str | None:
    """How a connection ends for us; None is in good order."""
    async with serving(handler) as url:
        peer = await WebSocketDialler(token).open(url)
        try:
            while await peer.receive() is not None:
                pass
        except SocketFailure as failure:
            return failure.reason
        finally:
            peer.abort()
        return None


async def test_messages_there_and_back() -> None:
    async with serving(echo) as url:
        peer = await WebSocketDialler(token).open(url)
        await peer.send("hello")
        assert await peer.receive() == "hello"
        await peer.close()
        assert await peer.receive() is None
        with pytest.raises(SocketFailure):
            await peer.send("more")


async def test_the_handshake_is_signed() -> None:
    """3.9: signed over the URL exactly as in the TwiML, no parameters; checked with the official SDK."""
    seen: list[Request] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.append(connection.request)

    async with serving(look) as url:
        peer = await WebSocketDialler(token).open(url + "?a=1#rc=2")
        await peer.receive()
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
        peer = await WebSocketDialler(token, tls=trusting).open(url)
        await peer.send("secret")
        assert await peer.receive() == "secret"
        await peer.close()


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
        peer = await WebSocketDialler(lambda account_sid: TOKEN).open(url.replace("127.0.0.1", "app.internal"))
        await peer.close()


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
