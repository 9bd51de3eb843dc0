"""SIP URIs and telephone numbers, as far as routing a call needs them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_URI = 255

_URI = re.compile(
    r"^(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^?\s<>\"]*)?)(?:\?(?P<headers>[^\s<>\"]*))?$"
)
_NUMBER = re.compile(r"^\+?[0-9]{3,15}$")
_PUNCTUATION = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class SipUri:
    """A parsed SIP URI (RFC 3261 section 19.1)."""

    user: str
    host: str
    port: int | None
    parameters: str
    """With the leading ``;``, or empty."""
    headers: str
    """What follows ``?``, still percent-encoded."""

    @property
    def short(self) -> str:
        """``sip:user@host``: how webhooks name a phone."""
        return f"sip:{self.user}@{self.host}" if self.user else f"sip:{self.host}"

    @property
    def target(self) -> str:
        """The URI to dial, without its header part."""
        port = f":{self.port}" if self.port else ""
        return f"{self.short}{port}{self.parameters}"


def parse_uri(text: str) -> SipUri | None:
    """Read a SIP URI, None when it is not one.

    The scheme may be missing, and there may be angle brackets, as in a Refer-To; ``sips:`` becomes ``;transport=tls``.
    """
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    if not re.match(r"^sips?:", text, re.IGNORECASE):
        text = f"sip:{text}"
    match = _URI.match(text)
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port <= 65535:
        return None
    parameters = match["parameters"]
    if match["scheme"].lower() == "sips" and "transport=" not in parameters:
        parameters += ";transport=tls"
    return SipUri(match["user"] or "", match["host"], port, parameters, match["headers"] or "")


def normalise_number(text: str) -> str | None:
    """E.164 with ``+``: punctuation dropped, ten digits taken for a US number (as TwiML does). None when it is no number."""
    digits = _PUNCTUATION.sub("", text)
    if not _NUMBER.fullmatch(digits):
        return None
    if digits.startswith("+"):
        return digits
    return f"+1{digits}" if len(digits) == 10 else f"+{digits}"


def national_form(number: str) -> str:
    """How people of its country write a number in E.164, where we know: ``(555) 010-0100``."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return f"({match[1]}) {match[2]}-{match[3]}" if match else number


def short_name(uri: str) -> str:
    """``sip:user@host`` of a SIP URI; anything else as it is."""
    parsed = parse_uri(uri)
    return parsed.short if parsed is not None else uri


def caller_name(uri: str) -> str:
    """How webhooks name a SIP party: the number when the user part is one, else ``sip:user@host``."""
    parsed = parse_uri(uri)
    if parsed is None:
        return uri
    if parsed.user.startswith("+") and _NUMBER.fullmatch(parsed.user):
        return parsed.user
    return parsed.short
