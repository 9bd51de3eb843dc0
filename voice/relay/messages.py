"""The messages of ConversationRelay (spec section 5.2): what applications send, read and bounded, and what they are sent."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voice.calls.call import Call

INVALID = 64107
LONGEST_TOKEN = 20_000
"""Characters."""
MOST_LOOPS = 1_000
"""What a loop of 0 means."""
_DIGITS = re.compile(r"[0-9wW#*]{1,200}")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}")


class BadMessage(ValueError):
    """A message that is not as it should be; says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something to say; ``last`` ends the utterance."""

    token: str
    last: bool = False
    lang: str = ""
    interruptible: bool | None = None
    preemptible: bool | None = None


@dataclass(frozen=True, slots=True)
class Play:
    """A file to be heard."""

    source: str
    loop: int = 1
    interruptible: bool | None = None
    preemptible: bool | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys to be sent to the caller's side."""

    digits: str


@dataclass(frozen=True, slots=True)
class Languages:
    """What is spoken and heard from now on; an empty one stays."""

    spoken: str = ""
    heard: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """The application has finished."""

    handoff: str | None = None


Message = Text | Play | Keys | Languages | End


def read(raw: str | bytes) -> Message:
    """One message of an application. Raises BadMessage."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadMessage("it is not JSON") from None
    if not isinstance(content, dict):
        raise BadMessage("it is no JSON object")
    make = _READERS.get(str(content.get("type")))
    if make is None:
        raise BadMessage(f"no type {str(content.get('type'))[:40]!r} is known")
    return make(content)


def _text(content: Mapping[str, Any]) -> Text:
    token = _string(content, "token")
    if len(token) > LONGEST_TOKEN:
        raise BadMessage(f"token is longer than {LONGEST_TOKEN} characters")
    last = _flag(content, "last") or False
    return Text(token, last, _tag(content, "lang"), _flag(content, "interruptible"), _flag(content, "preemptible"))


def _play(content: Mapping[str, Any]) -> Play:
    source, loop = _string(content, "source"), content.get("loop", 1)
    if not source.startswith(("https://", "http://")):
        raise BadMessage("source is no URL")
    if isinstance(loop, bool) or not isinstance(loop, int) or not 0 <= loop <= MOST_LOOPS:
        raise BadMessage(f"loop is no number from 0 to {MOST_LOOPS}")
    return Play(source, loop or MOST_LOOPS, _flag(content, "interruptible"), _flag(content, "preemptible"))


def _keys(content: Mapping[str, Any]) -> Keys:
    digits = _string(content, "digits")
    if not _DIGITS.fullmatch(digits):
        raise BadMessage("digits may hold 0-9, w, # and *")
    return Keys(digits)


def _languages(content: Mapping[str, Any]) -> Languages:
    spoken, heard = _tag(content, "ttsLanguage"), _tag(content, "transcriptionLanguage")
    if not spoken and not heard:
        raise BadMessage("neither ttsLanguage nor transcriptionLanguage is given")
    return Languages(spoken, heard)


def _end(content: Mapping[str, Any]) -> End:
    handoff = content.get("handoffData")
    if handoff is not None and not isinstance(handoff, str):
        handoff = json.dumps(handoff, ensure_ascii=False)
    return End(handoff)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Message]] = {
    "text": _text,
    "play": _play,
    "sendDigits": _keys,
    "language": _languages,
    "end": _end,
}


def _string(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str):
        raise BadMessage(f"{name} is no string")
    return value


def _flag(content: Mapping[str, Any], name: str) -> bool | None:
    value = content.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadMessage(f"{name} is neither true nor false")
    return value


def _tag(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise BadMessage(f"{name} is no language tag")
    return value


def setup(session_id: str, call: Call, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The first message."""
    extra = dict(call.party.extra)
    return {
        "type": "setup",
        "sessionId": session_id,
        "accountSid": call.account_sid,
        "parentCallSid": call.parent_sid,
        "callSid": call.sid,
        "from": call.party.from_,
        "to": call.party.to,
        "forwardedFrom": extra.get("ForwardedFrom", ""),
        "callType": "SIP" if call.party.from_.startswith("sip:") else "PSTN",
        "callerName": extra.get("CallerName", ""),
        "direction": call.direction,
        "callStatus": call.status.upper().replace("-", "_"),
        "customParameters": dict(parameters),
    }


def prompt(text: str, language: str, *, last: bool) -> dict[str, Any]:
    """What the caller said."""
    return {"type": "prompt", "voicePrompt": text, "lang": language, "last": last}


def dtmf(digit: str) -> dict[str, Any]:
    """A key that the caller pressed."""
    return {"type": "dtmf", "digit": digit}


def interrupt(text: str, milliseconds: int) -> dict[str, Any]:
    """The caller cut off what was spoken: what of it was heard, and for how long."""
    return {"type": "interrupt", "utteranceUntilInterrupt": text, "durationUntilInterruptMs": milliseconds}


def error(description: str) -> dict[str, Any]:
    """A message was not understood, or something could not be done."""
    return {"type": "error", "description": description}


def info(name: str, value: str) -> dict[str, Any]:
    """What ``events`` asks for."""
    return {"type": "info", "name": name, "value": value}
