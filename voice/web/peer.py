"""What the far end of a WebSocket is to who talks with it: nothing of it ever waits."""

from __future__ import annotations

from typing import Literal, Protocol

from voice.errors import VoiceError

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


IN_GOOD_ORDER, BAD_CONTENT = 1000, 1007
"""Codes with which a connection is closed."""


class SocketFailure(VoiceError):
    """A connection cannot be made, or broke."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Listener(Protocol):
    """Who is told of an open WebSocket; from the event loop, one thing at a time."""

    def hear(self, message: str | bytes) -> None:
        """A message has come."""

    def go_on(self) -> None:
        """There is room in the network again."""

    def leave(self, failure: SocketFailure | None) -> None:
        """The connection is no more; without a failure the far end, or we, have closed it in good order. Told once, last."""


class Peer(Protocol):
    """The far end of an open WebSocket."""

    def attend(self, listener: Listener) -> None:
        """Tell somebody of it from now on; what has come before is told first. To be called once."""

    def send(self, text: bytes) -> bool:
        """Send a message, in UTF-8; False when that was the last for which there is room, until ``go_on``.

        What is sent to a connection that is no more is lost.
        """

    def pause(self) -> None:
        """Read no more, until as many calls of ``resume``."""

    def resume(self) -> None:
        """Read on."""

    def close(self, code: int = IN_GOOD_ORDER) -> None:
        """Close once all is sent, saying why (RFC 6455 section 7.4.1), or after a moment in any way."""

    def abort(self) -> None:
        """Drop the connection now."""


class Dialler(Protocol):
    """Opens WebSockets to customers."""

    def check(self, url: str) -> str:
        """The URL as it is requested and signed, as far as can be said without asking anyone. Raises SocketFailure."""

    async def open(self, url: str, account_sid: str = "") -> Peer:
        """Connect on behalf of an account, whose token signs the request. Raises SocketFailure."""
