"""Header fields that we put into messages."""

from __future__ import annotations

import re

from sip.events import Headers

_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


def clean_headers(headers: Headers) -> Headers:
    """Fields that cannot break out of their line: control characters become spaces, names that are no token are dropped.

    RFC 3261 section 25.1 (token, header-value).
    """
    return tuple(
        (name, "".join(letter if letter.isprintable() else " " for letter in value))
        for name, value in headers
        if _TOKEN.fullmatch(name)
    )
