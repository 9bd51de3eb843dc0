"""One open WebSocket to a customer: messages are read and written where they come and go, without a task or a queue for each.

The library's protocol knows the rules: the handshake, control frames, fragments, all that is wrong, and the end. A message in
one frame, which is nearly all that streams are made of, is read and written past it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from voice.web.frames import PING, WHOLE_TEXT, find_frame, text_frame
from voice.web.peer import IN_GOOD_ORDER, Listener, SocketFailure

LONGEST_MESSAGE = 2 * 1024 * 1024
"""Bytes. More is a protocol error: reading it would hold up every other call."""
MOST_UNSENT = 32 * 1024
"""Bytes that may wait here for the network."""
CLOSE_SECONDS = 1.0
"""For the far end's answer to our close frame, and for the end of the connection after it."""
PING_SECONDS = 20.0
"""Answers are not waited for: an application that is slow has a long queue before them."""
MOST_AT_A_TIME, PAUSE_SECONDS = 100, 0.02
"""Frames of one far end that are read before others get their turn: 5,000 a second."""
_HEAD_END = b"\r\n\r\n"


@dataclass(slots=True)
class _Gate:
    """What keeps the network from being read."""

    pauses: int = 1
    """Nothing is read until somebody attends."""
    resting: bool = False
    """Others have their turn."""
    closing: bool = False
    """We have said goodbye: what still comes is read up to the far end's close frame, and told to nobody."""

    @property
    def shut(self) -> bool:
        """Whether anything does."""
        return self.resting or (self.pauses > 0 and not self.closing)


class Connection(asyncio.Protocol):
    """See Peer. ``opened`` is done when the handshake is; it holds the exception that says why there is no WebSocket."""

    def __init__(self, protocol: ClientProtocol, request: Request) -> None:
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self._loop.create_future()
        self._protocol = protocol
        self._request = request
        self._transport: asyncio.Transport
        self._made = False
        self._listener: Listener | None = None
        self._head = b""
        """The last bytes of an answer that is not complete."""
        self._unread = b""
        """A frame begun; more while reading is paused."""
        self._parts: list[bytes] = []
        """Of a message that comes in several frames."""
        self._gate = _Gate()
        self._reading = False
        self._full = False
        self._turns, self._counted_since = 0, 0.0
        self._timers: dict[str, asyncio.TimerHandle] = {}

    # Peer

    def attend(self, listener: Listener) -> None:
        """See Peer."""
        self._listener = listener
        self._counted_since = self._loop.time()
        if self._protocol.state is State.CLOSED:
            self._loop.call_soon(self._leave)
            return
        self._later("ping", PING_SECONDS, self._ping)
        self._loop.call_soon(self.resume)

    def send(self, text: bytes) -> bool:
        """See Peer."""
        if self._protocol.state is State.OPEN and not self._transport.is_closing():
            self._transport.write(text_frame(text))
        return not self._full

    def pause(self) -> None:
        """See Peer."""
        self._gate.pauses += 1
        if self._gate.shut:
            self._transport.pause_reading()

    def resume(self) -> None:
        """See Peer."""
        self._gate.pauses -= 1
        self._read_on()

    def _read_on(self, *, rested: bool = False) -> None:
        """Read as much as may be."""
        if rested:
            self._gate.resting = False
        if self._gate.shut or self._protocol.state is State.CLOSED:
            return
        self._transport.resume_reading()
        if not self._reading:
            self._read(b"")

    def close(self, code: int = IN_GOOD_ORDER) -> None:
        """See Peer."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code)
            self._flush()
            self._gate.closing = True
            if self._listener is not None:
                self._read_on()

    def abort(self) -> None:
        """See Peer."""
        if self._made:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport, self._made = cast(asyncio.Transport, transport), True
        self._transport.set_write_buffer_limits(MOST_UNSENT)
        self._protocol.send_request(self._request)
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Take what the network brings."""
        if self._protocol.state is State.CONNECTING:
            self._shake_hands(data)
        elif self._gate.shut:
            self._unread += data
        else:
            self._read(data)

    def eof_received(self) -> None:
        """The far end sends no more."""
        self._end()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        """The end."""
        self._end()
        for timer in self._timers.values():
            timer.cancel()
        if self._listener is not None:
            self._leave()

    def pause_writing(self) -> None:
        """As much waits for the network as may."""
        self._full = True

    def resume_writing(self) -> None:
        """It has taken enough."""
        self._full = False
        if self._listener is not None:
            self._listener.go_on()

    # the handshake

    def _shake_hands(self, data: bytes) -> None:
        """Give the protocol the answer, and keep what follows for whoever will attend."""
        known = self._head + data
        end = known.find(_HEAD_END)
        rest = b"" if end < 0 else known[end + len(_HEAD_END) :]
        self._head = known[1 - len(_HEAD_END) :]
        self._protocol.receive_data(data[: len(data) - len(rest)])
        if self._protocol.state is State.OPEN:
            self._protocol.events_received()
            self._unread = rest
            self._transport.pause_reading()
        elif rest:
            self._protocol.receive_data(rest)
        self._flush()
        self._report_handshake()

    def _report_handshake(self) -> None:
        if self.opened.done():
            return
        if self._protocol.handshake_exc is not None:
            self.opened.set_exception(self._protocol.handshake_exc)
        elif self._protocol.state is State.OPEN:
            self.opened.set_result(None)

    # frames

    def _read(self, data: bytes) -> None:
        """Take frame after frame, until one is not complete, or nothing more is to be read for now."""
        if self._unread:
            data = self._unread + data
        place = 0
        self._reading = True
        while not self._gate.shut and (found := find_frame(data, place, LONGEST_MESSAGE)) is not None:
            begin, end = found
            plain = self._protocol.state is State.OPEN and self._protocol.current_size is None
            if plain and begin > place and data[place] == WHOLE_TEXT:
                self._tell(data[begin:end])
            elif self._gate.closing and self._protocol.current_size is None and data[place] == WHOLE_TEXT:
                pass  # nobody wants to know
            elif not (self._full and data[place] == PING):  # a pong would have to wait here
                self._judge(data[place:end])
            place = end
            self._count()
        self._reading = False
        self._unread = data[place:]

    def _judge(self, data: bytes) -> None:
        """Have the protocol read what is more than a message in one frame."""
        if self._protocol.state is State.CLOSED:
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame) and event.opcode in _OF_MESSAGES:
                self._parts.append(bytes(event.data))
                if event.opcode is not Opcode.CONT:
                    self._is_text = event.opcode is Opcode.TEXT
                if event.fin:
                    message, self._parts = b"".join(self._parts), []
                    self._tell(message, self._is_text)
        self._flush()

    def _tell(self, message: bytes, is_text: bool = True) -> None:
        if self._gate.closing:
            return
        assert self._listener is not None, "nothing is read before somebody attends"
        try:
            told = message.decode() if is_text else message
        except UnicodeDecodeError as error:
            self._protocol.fail(CloseCode.INVALID_DATA, f"{error.reason} at position {error.start}")
            self._flush()
            return
        self._listener.hear(told)

    def _count(self) -> None:
        """Leave the rest of a short time to others after many frames."""
        self._turns += 1
        if self._turns < MOST_AT_A_TIME:
            return
        now = self._loop.time()
        rest = max(0.0, self._counted_since + PAUSE_SECONDS - now)
        self._turns, self._counted_since = 0, now + rest
        if rest:
            self._gate.resting = True
            self._transport.pause_reading()
            self._later("turn", rest, partial(self._read_on, rested=True))

    # the rest

    def _flush(self) -> None:
        """Send what the protocol has to say; once it waits for the end of the connection, that must not take long."""
        for data in self._protocol.data_to_send():
            if self._transport.is_closing():
                break
            if data:
                self._transport.write(data)
            elif self._transport.can_write_eof():
                self._transport.write_eof()
            else:
                self._transport.close()
        if self._protocol.close_expected() and "close" not in self._timers:
            self._later("close", CLOSE_SECONDS, self._transport.abort)

    def _ping(self) -> None:
        if self._protocol.state is State.OPEN:
            if not self._full:
                self._protocol.send_ping(b"")
                self._flush()
            self._later("ping", PING_SECONDS, self._ping)

    def _end(self) -> None:
        """Nothing more comes."""
        if self._protocol.state is not State.CLOSED:
            if self._unread and self._protocol.state is not State.CONNECTING:
                self._protocol.receive_data(self._unread)  # a part of a frame, which is no good end
            self._protocol.receive_eof()
        self._report_handshake()

    def _leave(self) -> None:
        assert self._listener is not None
        self._listener.leave(_failure(self._protocol.close_exc))

    def _later(self, what: str, seconds: float, do: Callable[[], None]) -> None:
        self._timers[what] = self._loop.call_later(seconds, do)


_OF_MESSAGES = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
_NO_CODE = 1005
"""A close frame without a code (RFC 6455 section 7.1.5)."""
_OUR_OBJECTIONS = frozenset({1002, 1003, 1007, 1009})
"""Close codes that we send to who does not keep to the protocol."""


def _failure(closed: ConnectionClosed) -> SocketFailure | None:
    """How a connection ended; None is in good order."""
    received, sent = closed.rcvd, closed.sent
    if isinstance(closed, ConnectionClosedOK) or (received is not None and received.code == _NO_CODE):
        return None
    if received is not None and not (sent is not None and closed.rcvd_then_sent is False):
        return SocketFailure("closed", f"the far end closed with {received}")
    if sent is not None and sent.code in _OUR_OBJECTIONS:
        return SocketFailure("protocol", f"the far end does not keep to the protocol: {sent}")
    return SocketFailure("broken", "the connection broke without a close frame")
