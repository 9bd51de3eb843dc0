"""Why is a signature not the one that was expected? Tries what commonly goes wrong between the two sides. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from voice.web.signature import sign, signed_text

Pairs = tuple[tuple[str, str], ...]
_USUAL = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Examination:
    """What is signed, what comes of it, and what explains another result."""

    text: str
    signature: str
    right: bool
    said: str


def examine(auth_token: str, url: str, pairs: Pairs, signature: str) -> Examination:
    """Compare a signature with that of a request to ``url`` with these form parameters."""
    expected = sign(auth_token, url, pairs)
    text = signed_text(url, pairs)
    if _same(expected, signature):
        return Examination(text, expected, True, "The signature is right.")
    for said, other_url, other_pairs in _variations(url, pairs):
        if _same(sign(auth_token, other_url, other_pairs), signature):
            return Examination(text, expected, False, said)
    return Examination(
        text, expected, False, "Nothing usual explains it: is it the token of another account, or a changed parameter?"
    )


def _variations(url: str, pairs: Pairs) -> Iterator[tuple[str, str, Pairs]]:
    """What the other side may have signed or checked instead."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return
    other = {"http": "https", "https": "http"}.get(parts.scheme)
    if other:
        yield f"It is that of {other}: a proxy in between changes the scheme.", urlunsplit(parts._replace(scheme=other)), pairs
    netloc = f"[{host}]" if ":" in host else host
    if port is not None:
        yield "It is that of the URL without its port.", urlunsplit(parts._replace(netloc=netloc)), pairs
    elif parts.scheme in _USUAL:
        ported = urlunsplit(parts._replace(netloc=f"{netloc}:{_USUAL[parts.scheme]}"))
        yield "It is that of the URL with its port.", ported, pairs
    path = parts.path[:-1] if parts.path.endswith("/") else parts.path + "/"
    yield "It is that of the URL with or without the last slash.", urlunsplit(parts._replace(path=path)), pairs
    if parts.query:
        yield "It is that of the URL without its query.", urlunsplit(parts._replace(query="")), pairs
    if pairs:
        yield "It is that of a request without parameters: the form was not read.", url, ()
        filled = tuple((name, value) for name, value in pairs if value)
        yield "It is that without the empty parameters: they are signed as well.", url, filled
        trimmed = tuple((name, value.strip()) for name, value in pairs)
        yield "It is that of parameters without the space around them.", url, trimmed


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.strip().encode(errors="replace"))
