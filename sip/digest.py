"""Digest authentication, the server's side: challenges, answers, and whether an answer is right. Pure.

RFC 3261 section 22, RFC 7616 and RFC 8760. Whoever has no such user and whoever has another password get the same answer after
the same work, so nobody learns who exists.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sip.fields import quote, unquote
from sip.message import Message, long_name
from sip.nonces import Nonces
from sip.requests import Reply

Algorithm = Literal["MD5", "SHA-256"]
ALGORITHMS: tuple[Algorithm, ...] = ("MD5", "SHA-256")
LONGEST_ANSWER = 2_000
"""Characters of an Authorization field."""
LONGEST_NAME = 255

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_SCHEME = re.compile(r"\s*Digest\s+", re.IGNORECASE)
_PAIR = re.compile(r'([a-z0-9-]{1,20})\s*=\s*("(?:\\.|[^"\\])*"|[^\s,"]*)\s*(?:,|$)\s*', re.IGNORECASE)
_COUNT = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Secret:
    """What proves a user: H(A1) of each algorithm (RFC 7616 section 3.4.2), bound to a realm and a name."""

    hashes: Mapping[Algorithm, str]

    def __repr__(self) -> str:
        return "Secret(...)"

    @classmethod
    def of(cls, username: str, realm: str, password: str) -> Secret:
        """The secret of a password."""
        return cls({algorithm: _hash(algorithm, username, realm, password) for algorithm in ALGORITHMS})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client says to a challenge; every field as it came, without quotes."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: Algorithm
    cnonce: str
    count: str

    @property
    def times(self) -> int:
        """``count`` as a number."""
        return int(self.count, 16)


@dataclass(frozen=True, slots=True)
class Challenge:
    """Where a client is asked and where it answers, and with which status (RFC 3261 sections 22.2 and 22.3)."""

    code: int
    asks: str
    answers: str


REGISTRAR = Challenge(401, "WWW-Authenticate", "authorization")
PROXY = Challenge(407, "Proxy-Authenticate", "proxy-authorization")


class Gate:
    """Asks clients who they are.

    ``algorithms`` are offered in this order, each in a field of its own (RFC 8760 section 2.3).
    """

    def __init__(self, realm: str, nonces: Nonces, algorithms: Sequence[Algorithm] = ("MD5",)) -> None:
        self.realm = realm
        self._nonces = nonces
        self._algorithms = tuple(algorithms)
        self._nobody = Secret.of("", realm, nonces.make(0.0))
        """Nobody's: what the answers of unknown users are compared with."""

    def challenge(self, challenge: Challenge, now: float, *, stale: bool = False) -> Reply:
        """Ask."""
        nonce = self._nonces.make(now)
        more = ", stale=true" if stale else ""
        asked = f'Digest realm={quote(self.realm)}, nonce="{nonce}", qop="auth"{more}, algorithm='
        return Reply(challenge.code, tuple((challenge.asks, asked + algorithm) for algorithm in self._algorithms))

    def admit(self, message: Message, challenge: Challenge, secrets: Mapping[str, Secret], now: float) -> str | Reply:
        """The name of the user who sent a request, or the reply that refuses it: a challenge, or 403 to a wrong answer."""
        fields = (value for name, value in message.headers if long_name(name) == challenge.answers)
        answer = self._find(fields)
        if answer is None:
            return self.challenge(challenge, now)
        secret = secrets.get(answer.username)
        known = secret.hashes.get(answer.algorithm) if secret is not None else None
        expected = _respond(known or self._nobody.hashes[answer.algorithm], message.method, answer)
        right = hmac.compare_digest(expected, answer.response.lower().encode("utf-8", "replace"))
        if not right or not known:
            return Reply(403)
        if self._nonces.use(answer.nonce, answer.times, now) != "good":
            return self.challenge(challenge, now, stale=True)
        return answer.username

    def _find(self, fields: Iterable[str]) -> Answer | None:
        """The answer to a challenge of ours."""
        for value in fields:
            answer = parse_answer(value)
            if answer is not None and answer.realm == self.realm and answer.algorithm in self._algorithms:
                return answer
        return None


def parse_answer(value: str) -> Answer | None:
    """Read an Authorization or Proxy-Authorization field; None unless it is a complete digest answer with ``qop=auth``."""
    scheme = _SCHEME.match(value) if len(value) <= LONGEST_ANSWER else None
    parts: dict[str, str] = {}
    place = scheme.end() if scheme is not None else len(value)
    while place < len(value):
        pair = _PAIR.match(value, place)
        if pair is None or pair[1].lower() in parts:
            return None
        parts[pair[1].lower()] = unquote(pair[2])
        place = pair.end()
    algorithm = next((known for known in ALGORITHMS if known == parts.get("algorithm", "MD5").upper()), None)
    whole = all(parts.get(name) for name in ("username", "realm", "nonce", "uri", "response", "cnonce"))
    if algorithm is None or not whole or parts.get("qop", "").lower() != "auth" or not _COUNT.fullmatch(parts.get("nc", "")):
        return None
    if len(parts["username"]) > LONGEST_NAME or parts.get("userhash", "").lower() == "true":
        return None
    username, realm, nonce, uri, response = (parts[name] for name in ("username", "realm", "nonce", "uri", "response"))
    return Answer(username, realm, nonce, uri, response, algorithm, parts["cnonce"], parts["nc"])


def _respond(known: str, method: str, answer: Answer) -> bytes:
    """RFC 7616 section 3.4.1 with ``qop=auth``; ``known`` is H(A1)."""
    request = _hash(answer.algorithm, method, answer.uri)
    return _hash(answer.algorithm, known, answer.nonce, answer.count, answer.cnonce, "auth", request).encode()


def _hash(algorithm: Algorithm, *parts: str) -> str:
    return hashlib.new(_HASHES[algorithm], ":".join(parts).encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
