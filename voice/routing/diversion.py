"""Who passed a call on before it came to us: Diversion (RFC 5806) and History-Info (RFC 7044)."""

from __future__ import annotations

import re

from sip.events import Headers
from voice.routing.address import normalise_number, parse_uri

LONGEST = 2048
"""Characters of a header's value that are looked at."""

_ADDRESS = re.compile(r"<([^<>]*)>")


def forwarded_from(headers: Headers) -> str:
    """The number, or else the address, of who forwarded a call last; empty when nobody says that he did.

    The topmost Diversion is the latest. Of History-Info the last entry is whom the call is for now, the one before it whom it
    was for.
    """
    diversions = _addresses(headers, "diversion")
    if diversions:
        return _named(diversions[0])
    history = _addresses(headers, "history-info")
    return _named(history[-2]) if len(history) > 1 else ""


def _addresses(headers: Headers, wanted: str) -> list[str]:
    return [uri for name, value in headers if name.lower() == wanted for uri in _ADDRESS.findall(value[:LONGEST])]


def _named(written: str) -> str:
    plain = written.partition("?")[0]
    if plain.lower().startswith("tel:"):
        return normalise_number(plain[4:].partition(";")[0]) or ""
    uri = parse_uri(plain)
    if uri is None or not plain.lower().startswith(("sip:", "sips:")):
        return ""
    return normalise_number(uri.user.partition(";")[0]) or uri.short
