"""The messages of the official Voice SDK for browsers: read and bounded, or written. Pure.

Each is a text frame ``{"type": ..., "version": ..., "payload": {...}}``; a frame that holds a line feed alone keeps the
connection alive (SDK 2.x sends version 1.6, twilio-client 1.x and the first 2.x send 1.5).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voice.errors import VoiceError

KEEP_ALIVE = "\n"
VERSION = "1.6"
LONGEST_FRAME = 131_072
"""Characters."""
LONGEST_DESCRIPTION = 65_536
LONGEST_TOKEN = 16_384
LONGEST_PARAMETERS = 8_192
LONGEST_NAME = 256
MOST_DIGITS = 256
MOST_RECONNECT_SECONDS = 30

Payload = Mapping[str, Any]


class MessageInvalid(VoiceError):
    """A frame that no SDK sends; says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something a page says."""


@dataclass(frozen=True, slots=True)
class Listen(Message):
    """Who the page is: its first message, and again with each new token."""

    token: str
    reconnect_seconds: int = 0
    """For how long it tries to come back when its connection is lost in a call."""


@dataclass(frozen=True, slots=True)
class Register(Message):
    """Whether the page wants to be called."""

    audio: bool


@dataclass(frozen=True, slots=True)
class Called(Message):
    """Something about one call."""

    call: str
    """The CallSid, or the name that the page made for a call of its own before it knew that."""


@dataclass(frozen=True, slots=True)
class Invite(Called):
    """The page calls, or with ``reconnect`` it comes back to a call."""

    description: str
    parameters: str = ""
    """Percent-encoded pairs."""
    reconnect: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Called):
    """The page takes a call."""

    description: str


@dataclass(frozen=True, slots=True)
class Reject(Called):
    """The page does not take a call."""


@dataclass(frozen=True, slots=True)
class HangUp(Called):
    """The page ends a call."""


@dataclass(frozen=True, slots=True)
class Digits(Called):
    """Keys, with ``w`` for half a second of pause."""

    digits: str


@dataclass(frozen=True, slots=True)
class Reinvite(Called):
    """The page has a new way for its audio: an ICE restart."""

    description: str


@dataclass(frozen=True, slots=True)
class UserMessage(Called):
    """A message for the application."""

    sid: str
    """The page's name for it."""
    content: Any
    content_type: str
    kind: str


def read(frame: str) -> Message | None:
    """The message of a frame; None for a sign of life, and for kinds that we do not know. Raises MessageInvalid."""
    if len(frame) > LONGEST_FRAME:
        raise MessageInvalid(f"a frame has more than {LONGEST_FRAME} characters")
    if frame == KEEP_ALIVE:
        return None
    try:
        whole = json.loads(frame)
    except (ValueError, RecursionError):
        raise MessageInvalid("a frame is not JSON") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("type"), str):
        raise MessageInvalid("a frame is no object with a type")
    payload = whole.get("payload", {})
    if not isinstance(payload, dict):
        raise MessageInvalid("a payload is no object")
    reader = _READERS.get(whole["type"])
    return reader(payload) if reader is not None else None


def write(kind: str, **payload: Any) -> str:
    """The frame of a message of ours; fields that are None are left out."""
    told = {name: value for name, value in payload.items() if value is not None}
    return json.dumps({"type": kind, "version": VERSION, "payload": told}, separators=(",", ":"))


def _text(payload: Payload, name: str, longest: int, default: str | None = None) -> str:
    value = payload.get(name, default)
    if not isinstance(value, str) or len(value) > longest:
        raise MessageInvalid(f"{name} must be text of at most {longest} characters")
    return value


def _call(payload: Payload) -> str:
    return _text(payload, "callsid", LONGEST_NAME)


def _description(payload: Payload) -> str:
    return _text(payload, "sdp", LONGEST_DESCRIPTION)


def _part(payload: Payload, name: str) -> Payload:
    value = payload.get(name, {})
    if not isinstance(value, dict):
        raise MessageInvalid(f"{name} must be an object")
    return value


def _listen(payload: Payload) -> Listen:
    seconds = payload.get("reconnectTimeout", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
        raise MessageInvalid("reconnectTimeout must be a number")
    bounded = max(0, min(MOST_RECONNECT_SECONDS, math.ceil(seconds)))
    return Listen(_text(payload, "token", LONGEST_TOKEN), bounded)


def _register(payload: Payload) -> Register:
    return Register(_part(payload, "media").get("audio") is True)


def _invite(payload: Payload) -> Invite:
    parameters = _text(_part(payload, "twilio"), "params", LONGEST_PARAMETERS, "")
    return Invite(_call(payload), _description(payload), parameters, _text(payload, "reconnect", LONGEST_NAME, ""))


def _digits(payload: Payload) -> Digits:
    digits = _text(payload, "dtmf", MOST_DIGITS)
    if not re.fullmatch(r"[0-9*#w]*", digits):
        raise MessageInvalid("dtmf may hold 0-9, *, # and w")
    return Digits(_call(payload), digits)


def _user_message(payload: Payload) -> UserMessage:
    return UserMessage(
        _call(payload),
        _text(payload, "voiceeventsid", LONGEST_NAME),
        payload.get("content"),
        _text(payload, "contenttype", LONGEST_NAME, "application/json"),
        _text(payload, "messagetype", LONGEST_NAME, ""),
    )


_READERS: dict[str, Callable[[Payload], Message]] = {
    "listen": _listen,
    "register": _register,
    "invite": _invite,
    "answer": lambda payload: Answer(_call(payload), _description(payload)),
    "reject": lambda payload: Reject(_call(payload)),
    "hangup": lambda payload: HangUp(_call(payload)),
    "dtmf": _digits,
    "reinvite": lambda payload: Reinvite(_call(payload), _description(payload)),
    "message": _user_message,
}

NAMES: dict[type[Message], str] = {
    Listen: "listen",
    Register: "register",
    Invite: "invite",
    Answer: "answer",
    Reject: "reject",
    HangUp: "hangup",
    Digits: "dtmf",
    Reinvite: "reinvite",
    UserMessage: "message",
}
"""What the SDK calls each."""
