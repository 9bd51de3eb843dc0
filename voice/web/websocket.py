"""The only WebSocket client: signed handshakes to customers, bounded in time and size (spec sections 3.9 and 5).

Codes differ between protocols, so what went wrong is told in a word and the protocol has its table.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Callable
from typing import Literal, Protocol
from urllib.parse import SplitResult, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    ConnectionClosedOK,
    InvalidHandshake,
    InvalidURI,
    WebSocketException,
)

from voice.errors import VoiceError
from voice.web.networks import addresses_of, is_public
from voice.web.signature import sign

CONNECT_SECONDS = 5.0
"""For each address (spec section 1.2)."""
REACH_SECONDS = 15.0
"""For finding the addresses and trying them."""
OPEN_SECONDS = 10.0
"""For TLS and the handshake."""
CLOSE_SECONDS = 1.0
"""For the far end's answer to our close frame."""
PING_SECONDS = 20.0
DEAD_MILLISECONDS = 60_000
"""How long data may stay unacknowledged. Pings are not waited for: an application that is slow has a long queue before them."""
LONGEST_MESSAGE = 2 * 1024 * 1024
"""Bytes. More is a protocol error: reading it would hold up every other call."""
MOST_WAITING = 16
"""Messages that are read ahead."""

Reason = Literal[
    "unknown",
    "timeout",
    "refused",
    "broken",
    "unreachable",
    "private",
    "tls",
    "handshake",
    "closed",
    "scheme",
    "malformed",
    "protocol",
]
"""``private``: the settings keep us out of that network; ``closed``: with a code that says something went wrong."""


class SocketFailure(VoiceError):
    """A connection cannot be made, or broke."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Peer(Protocol):
    """The far end of an open WebSocket."""

    async def send(self, text: str) -> None:
        """Send a message, when there is room for it. Raises SocketFailure when there is no connection any more."""

    async def receive(self) -> str | bytes | None:
        """The next message; None when the far end has closed in good order. Raises SocketFailure."""

    async def close(self) -> None:
        """Close in good order, or after a moment in any way."""

    def abort(self) -> None:
        """Drop the connection now."""


class Dialler(Protocol):
    """Opens WebSockets to customers."""

    def check(self, url: str) -> str:
        """The URL as it is requested and signed, as far as can be said without asking anyone. Raises SocketFailure."""

    async def open(self, url: str, account_sid: str = "") -> Peer:
        """Connect on behalf of an account, whose token signs the request. Raises SocketFailure."""


class _Straight(connect):
    """A redirection is an answer other than 101 like any other (spec section 5)."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """See connect."""
        return exc


class WebSocketDialler:
    """Opens WebSockets, each with ``X-Twilio-Signature``.

    ``ws://`` is only for what is developed on a private network, where webhooks may go there as well.
    """

    def __init__(
        self, token: Callable[[str], str], *, allow_private_networks: bool = True, tls: ssl.SSLContext | None = None
    ) -> None:
        self._token = token
        """The secret of the account with a SID."""
        self._allow_private_networks = allow_private_networks
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> str:
        """See Dialler; neither a query nor a fragment is sent (spec section 2.13; RFC 6455 section 3)."""
        parts = _split(url)
        if parts.scheme == "ws":
            if not (self._allow_private_networks and _may_be_private(parts.hostname or "")):
                raise SocketFailure("scheme", f"{url[:200]!r}: ws:// is only allowed to a private network, elsewhere wss://")
        elif parts.scheme != "wss":
            raise SocketFailure("scheme", f"{url[:200]!r} does not start with wss://")
        return url.partition("#")[0].partition("?")[0]

    async def open(self, url: str, account_sid: str = "") -> Peer:
        """See Dialler."""
        checked = self.check(url)
        parts = _split(checked)
        secure = parts.scheme == "wss"
        connection = await self._connect(parts, secure)
        try:
            return _Connection(
                await _Straight(
                    checked,
                    sock=connection,
                    ssl=self._tls if secure else None,
                    additional_headers={"X-Twilio-Signature": sign(self._token(account_sid), checked)},
                    user_agent_header="TwilioProxy/1.1",
                    proxy=None,
                    compression=None,
                    open_timeout=OPEN_SECONDS,
                    close_timeout=CLOSE_SECONDS,
                    ping_interval=PING_SECONDS,
                    ping_timeout=None,
                    max_size=LONGEST_MESSAGE,
                    max_queue=MOST_WAITING,
                )
            )
        except (OSError, WebSocketException, EOFError) as error:
            raise _failure(error) from None
        except BaseException:
            connection.close()
            raise

    async def _connect(self, parts: SplitResult, secure: bool) -> socket.socket:
        """A TCP connection to the first address that takes one; the addresses that are checked are those that are tried."""
        assert parts.hostname is not None, "checked by _split"
        port = parts.port or (443 if secure else 80)
        try:
            async with asyncio.timeout(REACH_SECONDS):
                addresses = await addresses_of(parts.hostname, port)
                self._judge(parts.hostname, addresses, secure)
                return await _reach_any(addresses, port)
        except (OSError, UnicodeError) as error:
            raise _failure(error) from None

    def _judge(self, host: str, addresses: list[str], secure: bool) -> None:
        public = [is_public(address) for address in addresses]
        if not self._allow_private_networks and not all(public):
            raise SocketFailure("private", f"{host} is not a public address")
        if not secure and any(public):
            raise SocketFailure("scheme", f"{host} is a public address, which ws:// is not allowed to: wss:// is needed")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname) and parts.port != 0 and not any(each.isspace() for each in url)
    except ValueError:
        valid = False
    if not valid:
        raise SocketFailure("malformed", f"{url[:200]!r} is no URL of a WebSocket")
    return parts


def _may_be_private(host: str) -> bool:
    """Whether a host is not certainly in the Internet: any name may turn out to be private."""
    try:
        return not is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return True


async def _reach_any(addresses: list[str], port: int) -> socket.socket:
    """Raises OSError: why the last one cannot be reached."""
    *others, last = addresses
    for address in others:
        with contextlib.suppress(OSError):
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _reach(address, port)
    async with asyncio.timeout(CONNECT_SECONDS):
        return await _reach(last, port)


async def _reach(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_MILLISECONDS)
        await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made


class _Connection:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        """See Peer."""
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def receive(self) -> str | bytes | None:
        """See Peer."""
        try:
            return await self._connection.recv()
        except ConnectionClosedOK:
            return None
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == _NO_CODE:
                return None
            raise _closed(closed) from None

    async def close(self) -> None:
        """See Peer."""
        await self._connection.close()

    def abort(self) -> None:
        """See Peer."""
        self._connection.transport.abort()


_NO_CODE = 1005
"""A close frame without a code (RFC 6455 section 7.1.5)."""
_OUR_OBJECTIONS = frozenset({1002, 1003, 1007, 1009})
"""Close codes that we send to who does not keep to the protocol."""


def _closed(closed: ConnectionClosed) -> SocketFailure:
    if closed.rcvd is not None and not (closed.sent is not None and closed.rcvd_then_sent is False):
        return SocketFailure("closed", f"the far end closed with {closed.rcvd}")
    if closed.sent is not None and closed.sent.code in _OUR_OBJECTIONS:
        return SocketFailure("protocol", f"the far end does not keep to the protocol: {closed.sent}")
    return SocketFailure("broken", "the connection broke without a close frame")


def _failure(error: Exception) -> SocketFailure:
    """What a failed connection is called; the first kind that fits."""
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return SocketFailure(reason, f"{error or type(error).__name__}")
    return SocketFailure("unreachable", str(error))


_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (ssl.SSLError, "tls"),
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "broken"),
    (EOFError, "broken"),
    (InvalidURI, "malformed"),
    (InvalidHandshake, "handshake"),
    (WebSocketException, "protocol"),
)
