"""The text of SIP messages, as far as this package reads it (RFC 3261 sections 7 and 20). Pure, and total: no input raises."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sip.events import Headers

MOST_HEADERS = 128
"""More header fields than this are not read."""

_COMPACT = {
    "i": "call-id",
    "f": "from",
    "t": "to",
    "v": "via",
    "m": "contact",
    "c": "content-type",
    "l": "content-length",
    "e": "content-encoding",
    "s": "subject",
    "k": "supported",
    "o": "event",
    "r": "refer-to",
    "x": "session-expires",
}
_CALL_ID = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_NAME_ADDRESS = re.compile(r'^\s*(?P<display>"(?:\\.|[^"\\])*"|[^<"]*)\s*<(?P<uri>[^>]*)>(?P<rest>.*)$', re.DOTALL)
_TAG = re.compile(r";\s*tag\s*=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One request or response."""

    start_line: str
    headers: Headers
    """In order, unfolded, names as received; at most ``MOST_HEADERS`` + 1 of them."""
    body: str

    @property
    def method(self) -> str:
        """The first word: a method, or ``SIP/2.0`` for a response."""
        return self.start_line.partition(" ")[0]

    @property
    def request_uri(self) -> str:
        """The second word of a request."""
        return self.start_line.split(" ", 2)[1] if self.start_line.count(" ") >= 2 else ""

    @property
    def code(self) -> int:
        """The status of a response; 0 for a request."""
        words = self.start_line.split(" ", 2)
        return int(words[1]) if words[0] == "SIP/2.0" and len(words) > 1 and re.fullmatch(r"[1-6]\d\d", words[1]) else 0

    @property
    def phrase(self) -> str:
        """The reason phrase of a response."""
        words = self.start_line.split(" ", 2)
        return words[2] if words[0] == "SIP/2.0" and len(words) > 2 else ""

    @property
    def in_dialog(self) -> bool:
        """Whether ``To`` has a tag."""
        return _TAG.search(self.header("to")) is not None

    def header(self, name: str) -> str:
        """The first value of a header, by its long lower-case name; empty when there is none."""
        for known, value in self.headers:
            if long_name(known) == name:
                return value
        return ""

    def count(self, name: str) -> int:
        """How many fields of a name there are."""
        return sum(long_name(known) == name for known, _ in self.headers)


def long_name(name: str) -> str:
    """The lower-case long form of a header name (RFC 3261 section 20)."""
    lower = name.lower()
    return _COMPACT.get(lower, lower)


def parse_message(text: str) -> Message:
    """Take a message apart."""
    blank = _BLANK_LINE.search(text)
    head, body = (text[: blank.start()], text[blank.end() :]) if blank else (text, "")
    start_line, _, rest = _FOLD.sub(" ", head).lstrip("\r\n").partition("\n")
    headers: list[tuple[str, str]] = []
    for line in rest.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
        if len(headers) > MOST_HEADERS:
            break
    return Message(start_line.strip(), tuple(headers), body)


def method_of(message: Message) -> str:
    """What a message is or answers: the method in its CSeq; empty when there is none."""
    return message.header("cseq").lstrip("0123456789").strip().upper()


def sequence_of(message: Message) -> int:
    """The number in its CSeq; 0 when there is none."""
    number = message.header("cseq").partition(" ")[0]
    return int(number) if re.fullmatch(r"[0-9]{1,10}", number) else 0


def transport_of(message: Message, secure: bool | None = None) -> str:
    """How a request came: ``udp``, ``tcp`` or ``tls``.

    ``secure`` is whether it was over TLS; None believes what its topmost Via says of that, too.
    """
    claimed = message.header("via").strip().partition(" ")[0].rpartition("/")[2].lower()
    if secure is None:
        secure = claimed == "tls"
    if secure:
        return "tls"
    return "udp" if claimed in ("", "udp") else "tcp"


def find_call_id(text: str) -> str:
    """The Call-ID of a message that nobody parsed; empty when it has none."""
    found = _CALL_ID.search(text)
    return found[1].rstrip() if found else ""


def split_address(value: str) -> tuple[str, str]:
    """Display name and URI of a From, To or Contact value (RFC 3261 section 20.10)."""
    found = _NAME_ADDRESS.match(value)
    if found is None:
        return "", value.partition(";")[0].strip()
    display = found["display"].strip()
    if display.startswith('"'):
        display = re.sub(r"\\(.)", r"\1", display[1:-1])
    return display, found["uri"].strip()


def join_address(display: str, uri: str) -> str:
    """The value of a From header."""
    clean = "".join(character for character in display if character.isprintable())
    quoted = clean.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{uri}>' if quoted else f"<{uri}>"
