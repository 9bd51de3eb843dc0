"""Access tokens: JSON Web Tokens that a customer's server signs with an API key of its account (spec section 7).

The capability tokens of twilio-client 1.x are taken as well: those have no ``cty``, and are signed with the account's own token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from voice.accounts.accounts import Accounts, Key
from voice.clients.capabilities import read_scope
from voice.clients.failures import AUTHORISATION, TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_TOO_LONG
from voice.errors import VoiceError

CONTENT_TYPE = "twilio-fpa;v=1"
LONGEST_SECONDS = 86_400
CONSOLE_SECONDS = 3_600
CONSOLE = "console"
"""In the place of the SID of a key."""
CLOCK_SECONDS = 60
"""How far the clock of whoever signs may be ahead of ours."""
LATEST = 1e12
"""A time beyond any; NaN is not below it."""
MOST_PARAMETERS = 100

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_IDENTITY = re.compile(r"[^\s\x00-\x1f\x7f]{1,256}")


class TokenRefused(VoiceError):
    """A token that opens nothing; carries the code of the SDK."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows."""

    account_sid: str
    identity: str
    expires: float
    """Seconds of the time of day, as in the token."""
    callable: bool
    """Whether its holder may be called."""
    application_sid: str = ""
    """What answers the calls of its holder; empty: it may not call."""
    parameters: tuple[tuple[str, str], ...] = ()
    """Told to that application beside those of the page."""
    dials_when_ready: bool = False
    """Whether its page calls only once it is ``ready`` to be called, even if it may not be: that of twilio-client 1.x."""
    operator: bool = False
    """Whether its holder calls whom it likes, without an application: it sits at the console."""


class Tokens:
    """Reads tokens, and makes those of the console; ``wall`` is the time of day in seconds."""

    def __init__(self, accounts: Accounts, wall: Callable[[], float]) -> None:
        self._accounts = accounts
        self._wall = wall
        self._own = secrets.token_hex(32)
        """Signs the tokens of the console, which are no longer good after a restart."""

    def issue(self, identity: str, seconds: int = CONSOLE_SECONDS) -> str:
        """A token for an operator of the main account, who may be called and call whom it likes."""
        claims = {
            "iss": CONSOLE,
            "sub": self._accounts.main.sid,
            "exp": int(self._wall()) + seconds,
            "grants": {"identity": identity, "voice": {"incoming": {"allow": True}}},
        }
        signed = f"{_write_part({'typ': 'JWT', 'alg': 'HS256', 'cty': CONTENT_TYPE})}.{_write_part(claims)}"
        return f"{signed}.{_encode(hmac.new(self._own.encode(), signed.encode(), hashlib.sha256).digest())}"

    def read(self, token: str) -> Grant:
        """What a token allows. Raises TokenRefused."""
        parts = token.split(".")
        if len(parts) != 3:
            raise TokenRefused(TOKEN_INVALID, "the token is no JSON Web Token")
        header, claims = _read_part(parts[0]), _read_part(parts[1])
        digest = _HASHES.get(str(header.get("alg")))
        if digest is None:
            raise TokenRefused(TOKEN_INVALID, "the token must be signed by HS256, HS384 or HS512")
        plain = "cty" not in header and "scope" in claims
        if not plain and header.get("cty") != CONTENT_TYPE:
            raise TokenRefused(TOKEN_INVALID, f"cty of the token must be {CONTENT_TYPE}")
        issuer = str(claims.get("iss"))
        key = self._account(issuer) if plain else self._key(issuer)
        secret = key.secret if key is not None else ""
        expected = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), digest).digest()
        if not hmac.compare_digest(expected, _decode(parts[2])) or key is None:
            raise TokenRefused(AUTHORISATION, "the token is not signed by a key of ours")
        if not plain and claims.get("sub") != key.account_sid:
            raise TokenRefused(AUTHORISATION, "the key of the token is not one of its account")
        if not self._accounts.is_active(key.account_sid):
            raise TokenRefused(AUTHORISATION, f"account {key.account_sid} is not active")
        granted = (_permitted if plain else _granted)(key.account_sid, claims, self._times(claims))
        return replace(granted, operator=key.sid == CONSOLE)

    def _account(self, sid: str) -> Key | None:
        """What signs the capability tokens of an account."""
        account = self._accounts.get(sid)
        return Key(sid, sid, account.auth_token) if account is not None else None

    def _key(self, sid: str) -> Key | None:
        return Key(CONSOLE, self._accounts.main.sid, self._own) if sid == CONSOLE else self._accounts.key(sid)

    def expired(self, grant: Grant) -> bool:
        """Whether its time is over, or its account was closed meanwhile."""
        return grant.expires <= self._wall() or not self._accounts.is_active(grant.account_sid)

    def remaining(self, grant: Grant) -> int:
        """Seconds that it is still good for."""
        return max(0, int(grant.expires - self._wall()))

    def _times(self, claims: Mapping[str, Any]) -> float:
        """When it expires."""
        now = self._wall()
        expires = _number(claims, "exp", None)
        begins = _number(claims, "nbf", _number(claims, "iat", now))
        if expires <= now:
            raise TokenRefused(TOKEN_EXPIRED, "the token has expired")
        if begins > now + CLOCK_SECONDS:
            raise TokenRefused(TOKEN_INVALID, "the token is not valid yet")
        if expires - min(begins, now) > LONGEST_SECONDS + CLOCK_SECONDS:
            raise TokenRefused(TOKEN_TOO_LONG, f"the token is good for more than {LONGEST_SECONDS} seconds")
        return expires


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _write_part(part: Mapping[str, Any]) -> str:
    return _encode(json.dumps(part, separators=(",", ":")).encode())


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenRefused(TOKEN_INVALID, "the token is not base64url") from None


def _read_part(part: str) -> Mapping[str, Any]:
    try:
        value = json.loads(_decode(part))
    except (ValueError, RecursionError):
        raise TokenRefused(TOKEN_INVALID, "the token is not JSON") from None
    if not isinstance(value, dict):
        raise TokenRefused(TOKEN_INVALID, "a part of the token is no object")
    return value


def _number(claims: Mapping[str, Any], name: str, default: float | None) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST:
        raise TokenRefused(TOKEN_INVALID, f"{name} of the token must be a number of seconds")
    return value


def _part(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = claims.get(name, {})
    return value if isinstance(value, dict) else {}


def _granted(account_sid: str, claims: Mapping[str, Any], expires: float) -> Grant:
    grants = _part(claims, "grants")
    identity, voice = grants.get("identity"), _part(grants, "voice")
    if not isinstance(identity, str) or not _IDENTITY.fullmatch(identity):
        raise TokenRefused(TOKEN_INVALID, "the token has no identity of at most 256 characters without spaces")
    outgoing = _part(voice, "outgoing")
    application = outgoing.get("application_sid")
    return Grant(
        account_sid,
        identity,
        expires,
        _part(voice, "incoming").get("allow") is True,
        application if isinstance(application, str) else "",
        tuple((str(name), str(value)) for name, value in list(_part(outgoing, "params").items())[:MOST_PARAMETERS]),
    )


def _permitted(account_sid: str, claims: Mapping[str, Any], expires: float) -> Grant:
    """What the scope of a capability token grants."""
    scope = claims["scope"]
    found = read_scope(scope) if isinstance(scope, str) else None
    if found is None or not _IDENTITY.fullmatch(found.name):
        raise TokenRefused(TOKEN_INVALID, "the scope of the token names no client of at most 256 characters without spaces")
    parameters = found.parameters[:MOST_PARAMETERS]
    return Grant(account_sid, found.name, expires, found.callable, found.application_sid, parameters, dials_when_ready=True)
