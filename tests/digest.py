"""The client's side of digest authentication, for those tests that answer challenges themselves (RFC 7616 section 3.4)."""

from __future__ import annotations

import hashlib
import re

from sip.events import Headers

_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


def parts_of(challenge: str) -> dict[str, str]:
    """The parameters of a WWW-Authenticate or Proxy-Authenticate value."""
    return {name: quoted or plain for name, quoted, plain in _PAIR.findall(challenge)}


def answer(challenge: str, username: str, password: str, method: str, uri: str, *, count: int = 1, cnonce: str = "c0ffee") -> str:
    """The value of the field that answers a challenge."""
    asked = parts_of(challenge)
    algorithm = asked.get("algorithm", "MD5")

    def digest(*pieces: str) -> str:
        return hashlib.new(algorithm.lower().replace("-", ""), ":".join(pieces).encode()).hexdigest()

    known = digest(username, asked["realm"], password)
    response = digest(known, asked["nonce"], f"{count:08x}", cnonce, "auth", digest(method, uri))
    return (
        f'Digest username="{username}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", uri="{uri}", '
        f'response="{response}", algorithm={algorithm}, cnonce="{cnonce}", qop=auth, nc={count:08x}'
    )


def challenge_in(headers: Headers, algorithm: str = "MD5") -> str:
    """The challenge of an algorithm among the fields of a 401 or 407."""
    return next(value for name, value in headers if name.endswith("-Authenticate") and f"algorithm={algorithm}" in value)
