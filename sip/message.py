"""Just enough SIP syntax to read headers of a message that a real parser has accepted already (RFC 3261 section 7.3)."""

from __future__ import annotations

import re

from sip.events import Headers

_COMPACT = {
    "i": "Call-ID",
    "f": "From",
    "t": "To",
    "m": "Contact",
    "v": "Via",
    "c": "Content-Type",
    "l": "Content-Length",
    "k": "Supported",
}
_ADDRESS = re.compile(r'^\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^<"]*?))\s*<(?P<uri>[^>]*)>')


def split_message(text: str) -> tuple[str, str, str]:
    """First line, header part and body."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, _, headers = head.partition("\n")
    return first, headers, body


def read_headers(text: str) -> Headers:
    """All header fields of a message in order, folded lines joined, compact names written out."""
    joined = re.sub(r"\n[ \t]+", " ", split_message(text)[1])
    fields = []
    for line in joined.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip()
            fields.append((_COMPACT.get(name.lower(), name), value.strip()))
    return tuple(fields)


def header(headers: Headers, name: str) -> str:
    """The first value of a field; empty when there is none."""
    return next((value for field, value in headers if field.lower() == name.lower()), "")


def read_address(value: str) -> tuple[str, str]:
    """Display name and URI of a From, To or Contact value."""
    match = _ADDRESS.match(value)
    if match is None:
        return "", value.partition(";")[0].strip()
    display = match["quoted"] if match["quoted"] is not None else match["plain"]
    return re.sub(r"\\(.)", r"\1", display).strip(), match["uri"]


def call_id_of(text: str) -> str:
    """The Call-ID of a message."""
    match = re.search(r"^(?:Call-ID|i)[ \t]*:[ \t]*(\S+)", text, re.IGNORECASE | re.MULTILINE)
    return match[1] if match is not None else ""
