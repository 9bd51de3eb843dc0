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
from urllib.parse import SplitResult, urlsplit

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException
from websockets.uri import parse_uri

from voice.web.connection import LONGEST_MESSAGE, Connection
from voice.web.networks import addresses_of, is_public
from voice.web.peer import Peer, Reason, SocketFailure
from voice.web.signature import sign

CONNECT_SECONDS = 5.0
"""For each address (spec section 1.2)."""
REACH_SECONDS = 15.0
"""For finding the addresses and trying them."""
OPEN_SECONDS = 10.0
"""For TLS and the handshake."""
DEAD_MILLISECONDS = 60_000
"""How long data may stay unacknowledged."""
MOST_UNSENT = 64 * 1024
"""Bytes that wait in the system for the network: who is slow is to lose what is old, not to hear of it minutes later."""


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
        connection = self._connection(checked, account_sid)
        reached = await self._connect(parts, secure)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await asyncio.get_running_loop().create_connection(
                    lambda: connection,
                    sock=reached,
                    ssl=self._tls if secure else None,
                    server_hostname=parts.hostname if secure else None,
                )
                await connection.opened
        except BaseException as error:
            connection.abort()
            reached.close()
            if isinstance(error, OSError | WebSocketException | EOFError):
                raise _failure(error) from None
            raise
        return connection

    def _connection(self, url: str, account_sid: str) -> Connection:
        """One that is yet to be made. Raises SocketFailure."""
        try:
            protocol = ClientProtocol(parse_uri(url), max_size=LONGEST_MESSAGE)
        except (InvalidURI, UnicodeError) as error:
            raise SocketFailure("malformed", str(error)) from None
        request = protocol.connect()
        request.headers["User-Agent"] = "TwilioProxy/1.1"
        request.headers["X-Twilio-Signature"] = sign(self._token(account_sid), url)
        return Connection(protocol, request)

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
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MOST_UNSENT)
        await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made


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
    (InvalidHandshake, "handshake"),
    (WebSocketException, "protocol"),
)
