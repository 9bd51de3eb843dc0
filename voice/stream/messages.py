"""The messages of Media Streams, written and read (spec section 5.1). Numbers are text, except in ``mediaFormat``."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markup.events import Parameters

Direction = Literal["inbound", "outbound"]

BAD_FRAME, BAD_MESSAGE = 31950, 31951
LONGEST_NAME = 1_000
"""Characters of a mark's name."""


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of one track."""

    direction: Direction
    chunk: int
    """From 1, per track; the number of one that could not be sent is left out."""
    milliseconds: int
    """Since the stream began."""
    codes: bytes
    """Mu-law."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that the caller pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A name between pieces of audio; in either direction."""

    name: str


@dataclass(frozen=True, slots=True)
class End:
    """The last message."""


Outgoing = Frame | Key | Mark | End


@dataclass(frozen=True, slots=True)
class Audio:
    """Something to say to the caller."""

    codes: bytes
    """Mu-law."""


@dataclass(frozen=True, slots=True)
class Clear:
    """Say nothing more of what was sent."""


Incoming = Audio | Mark | Clear


@dataclass(frozen=True, slots=True)
class Reading:
    """A message that was understood."""

    message: Incoming
    surplus: frozenset[str] = frozenset()
    """Fields that it should not have; they mean nothing."""


class BadMessage(ValueError):
    """What an application sent means nothing; carries the warning's code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


CONNECTED = b'{"event":"connected","protocol":"Call","version":"1.0.0"}'
_MEDIA = (
    b'{"event":"media","sequenceNumber":"%d",'
    b'"media":{"track":"%b","chunk":"%d","timestamp":"%d","payload":"%b"},"streamSid":"%b"}'
)
_TRACKS: dict[Direction, bytes] = {"inbound": b"inbound", "outbound": b"outbound"}


class Writer:
    """Writes the messages of one stream in order: ``start`` is number 1, each later one has the next number."""

    def __init__(self, stream_sid: str, account_sid: str, call_sid: str) -> None:
        self._stream_sid = stream_sid
        self._account_sid = account_sid
        self._call_sid = call_sid
        self._number = 0
        self._stream_sid_sent = stream_sid.encode()

    def start(self, directions: tuple[Direction, ...], parameters: Parameters) -> bytes:
        """The message that says what comes."""
        return self._numbered(
            "start",
            accountSid=self._account_sid,
            streamSid=self._stream_sid,
            callSid=self._call_sid,
            tracks=list(directions),
            mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            customParameters=dict(parameters),
        )

    def write(self, message: Outgoing) -> bytes:
        """Any later message."""
        match message:
            case Frame():
                self._number += 1
                payload = binascii.b2a_base64(message.codes, newline=False)
                track, chunk, milliseconds = _TRACKS[message.direction], message.chunk, message.milliseconds
                return _MEDIA % (self._number, track, chunk, milliseconds, payload, self._stream_sid_sent)
            case Key(digit):
                return self._numbered("dtmf", track="inbound_track", digit=digit)
            case Mark(name):
                return self._numbered("mark", name=name)
            case End():
                return self._numbered("stop", accountSid=self._account_sid, callSid=self._call_sid)

    def _numbered(self, event: str, **content: object) -> bytes:
        self._number += 1
        message = {"event": event, "sequenceNumber": str(self._number), event: content, "streamSid": self._stream_sid}
        return json.dumps(message, separators=(",", ":")).encode()


def read(message: str | bytes, stream_sid: str) -> Reading:
    """What an application's message asks for. Raises BadMessage."""
    if isinstance(message, bytes):
        raise BadMessage(BAD_FRAME, f"a binary message of {len(message)} bytes; each must be text with one JSON object")
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        raise BadMessage(BAD_MESSAGE, f"not JSON: {message[:100]!r}") from None
    if not isinstance(fields, dict):
        raise BadMessage(BAD_MESSAGE, f"not a JSON object: {message[:100]!r}")
    kind = fields.get("event")
    if not isinstance(kind, str) or kind not in _READERS:
        raise BadMessage(BAD_MESSAGE, f"event is {kind!r:.100}, not one of {', '.join(_READERS)}")
    if fields.get("streamSid") != stream_sid:
        raise BadMessage(BAD_MESSAGE, f"{kind}: streamSid is {fields.get('streamSid')!r:.100}, not {stream_sid}")
    inner = fields.get(kind)
    own, names = _FIELDS[kind]
    surplus = (fields.keys() - own) | (inner.keys() - names if isinstance(inner, dict) else frozenset())
    return Reading(_READERS[kind](fields), frozenset(surplus))


def _audio(fields: Mapping[str, Any]) -> Audio:
    payload = _inner(fields, "media", "payload")
    try:
        return Audio(base64.b64decode(payload, validate=True))
    except ValueError:
        raise BadMessage(BAD_FRAME, f"media.payload is not base64: {payload[:60]!r}") from None


def _mark(fields: Mapping[str, Any]) -> Mark:
    name = _inner(fields, "mark", "name")
    if len(name) > LONGEST_NAME:
        raise BadMessage(BAD_MESSAGE, f"mark.name is longer than {LONGEST_NAME} characters")
    return Mark(name)


def _clear(fields: Mapping[str, Any]) -> Clear:
    return Clear()


def _inner(fields: Mapping[str, Any], outer: str, name: str) -> str:
    content = fields.get(outer)
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, str):
        raise BadMessage(BAD_MESSAGE, f"{outer}.{name} is missing or no text")
    return value


_COMMON = frozenset({"event", "streamSid"})
_FIELDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "media": (_COMMON | {"media"}, frozenset({"payload"})),
    "mark": (_COMMON | {"mark"}, frozenset({"name"})),
    "clear": (_COMMON, frozenset()),
}
"""What each message has, and what is in its inner object."""
_READERS: dict[str, Callable[[Mapping[str, Any]], Incoming]] = {"media": _audio, "mark": _mark, "clear": _clear}
