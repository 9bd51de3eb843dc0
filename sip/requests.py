"""What is answered to a request before the SIP library sees it, and what a DTMF INFO says. Pure.

Calls belong to the library, REGISTER to the registrar; everything else a stranger can send is answered here (RFC 3261 section
8.2): nothing but the methods of a call ever reaches pjsua.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sip.events import Headers
from sip.guard import check_body
from sip.message import MOST_HEADERS, Message, method_of

ALLOW = "INVITE, ACK, CANCEL, BYE, PRACK, UPDATE, INFO, REFER, NOTIFY, OPTIONS, REGISTER"
RETRY_SECONDS = 10
LEAST_SESSION = 90
"""Seconds (RFC 4028 section 4)."""
LONGEST_VALUE = 4_000
LONGEST_PART = 256
"""Characters of a realm, nonce or opaque, and of what is repeated of a request."""

FAULTS = frozenset({400, 420})
"""Statuses of requests that nobody should read further."""
UNDERSTOOD = frozenset({"100rel", "timer", "replaces", "norefersub", "path", "outbound", "gruu"})
"""What a request may require (RFC 3261 section 20.32); of an INVITE the library decides it."""

_PASSED = frozenset({"ACK", "CANCEL", "BYE", "PRACK", "UPDATE"})
_SINGLE = ("call-id", "cseq", "from", "to", "max-forwards", "content-length", "content-type")
_CHALLENGE_PART = re.compile(r'=\s*"((?:\\.|[^"\\])*)"|=\s*([^",\s]+)')
_INFO_DIGIT = re.compile(r"^\s*Signal\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(r"(?<=\S)\r?\n\r?\n")
_DIGITS = frozenset("0123456789ABCD*#")


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that needs no transaction."""

    code: int
    headers: Headers = ()


@dataclass(slots=True)
class Standing:
    """What the server says about itself."""

    available: bool = True
    full: bool = False
    """The library has no room for another call."""


def judge(message: Message, standing: Standing) -> Reply | None:
    """The reply to a request, or None when it goes on to whom it belongs; an ACK always goes on, because nothing answers it."""
    method = message.method
    if method == "ACK":
        return None
    fault = _find_fault(message)
    if fault:
        return fault
    if method == "INVITE":
        return _judge_invite(message, standing)
    if method in _PASSED:
        return _refuse_body(message)
    if method == "OPTIONS":
        return _describe(standing)
    if method == "REGISTER" and not message.in_dialog:
        return None
    return _REFUSALS.get(method, Reply(405, (("Allow", ALLOW),)))


def is_hostile_response(message: Message) -> bool:
    """Whether a response must not be read by the library: an absurd body, or a challenge of absurd length."""
    if len(message.headers) > MOST_HEADERS or check_body(message) not in (0, 415):
        return True
    for name, value in message.headers:
        if name.lower() in ("www-authenticate", "proxy-authenticate"):
            parts = [quoted or plain for quoted, plain in _CHALLENGE_PART.findall(value)]
            if any(len(part) > LONGEST_PART for part in parts):
                return True
    return False


def read_info(message: Message) -> tuple[Reply, str]:
    """The reply to an INFO inside a call, and the key it carries if any (``application/dtmf-relay``, ``application/dtmf``)."""
    kind = message.header("content-type").partition(";")[0].strip().lower()
    if not message.body.strip():
        return Reply(200), ""
    if kind == "application/dtmf-relay":
        found = _INFO_DIGIT.search(message.body[:200])
        key = found[1].upper() if found else ""
    elif kind == "application/dtmf":
        key = message.body.strip()[:3].upper()
    else:
        return Reply(415, (("Accept", "application/dtmf-relay, application/dtmf"),)), ""
    key = {"10": "*", "11": "#"}.get(key, key)
    return (Reply(200), key) if key in _DIGITS else (Reply(400), "")


def without_keys(text: str) -> str:
    """A message as it may be written down: the body of an INFO is left out, because its key may be one of a card number."""
    blank = _BLANK_LINE.search(text) if text.lstrip().startswith("INFO ") else None
    return f"{text[: blank.end()]}(left out)" if blank is not None and text[blank.end() :] else text


def _find_fault(message: Message) -> Reply | None:
    if len(message.headers) > MOST_HEADERS or any(len(value) > LONGEST_VALUE for _, value in message.headers):
        return Reply(400)
    if any(message.count(name) > 1 for name in _SINGLE):
        return Reply(400)
    if method_of(message) not in ("", message.method.upper()) or _is_cut_off(message):
        return Reply(400)
    return _find_requirement(message) if message.method not in ("INVITE", "CANCEL") else None


def _is_cut_off(message: Message) -> bool:
    """Whether a datagram has ended before its body (RFC 3261 section 18.3)."""
    length = message.header("content-length")
    return re.fullmatch(r"[0-9]{1,9}", length) is not None and int(length) > len(message.body.encode())


def _find_requirement(message: Message) -> Reply | None:
    wanted = [tag.strip() for name, value in message.headers if name.lower() == "require" for tag in value.split(",")]
    unknown = [tag for tag in wanted if tag.lower() not in UNDERSTOOD]
    return Reply(420, (("Unsupported", ", ".join(unknown)[:LONGEST_PART]),)) if unknown else None


def _judge_invite(message: Message, standing: Standing) -> Reply | None:
    refusal = _refuse_body(message) or _judge_timer(message)
    if refusal is not None or message.in_dialog:
        return refusal
    if message.header("replaces"):
        return Reply(481)
    if standing.full:
        return Reply(503, (("Retry-After", str(RETRY_SECONDS)),))
    return None


def _judge_timer(message: Message) -> Reply | None:
    """A session timer that is too short to be kept (RFC 4028 section 9): refused before anybody is asked about the call."""
    wanted = re.match(r"\s*(\d{1,9})\s*(?:;|$)", message.header("session-expires"))
    if wanted is None or int(wanted[1]) >= LEAST_SESSION or "timer" not in message.header("supported").lower():
        return None
    return Reply(422, (("Min-SE", str(LEAST_SESSION)),))


def _refuse_body(message: Message) -> Reply | None:
    code = check_body(message)
    if code == 415:
        return Reply(415, (("Accept", "application/sdp"),))
    return Reply(code) if code else None


def _describe(standing: Standing) -> Reply:
    described = (("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "100rel, timer"))
    if standing.available:
        return Reply(200, described)
    return Reply(503, (("Retry-After", str(RETRY_SECONDS)), *described))


_REFUSALS = {
    "REGISTER": Reply(403),
    "SUBSCRIBE": Reply(489, (("Allow-Events", ""),)),
    "REFER": Reply(603),
    "NOTIFY": Reply(481),
}
