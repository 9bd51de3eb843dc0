"""Who is signed in, and how often strangers may try to be. In memory: a restart signs everybody out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

LIFETIME_SECONDS = 12 * 3600.0
MOST_SESSIONS = 1_000
MOST_FAILURES = 10
"""Of one address within ``WINDOW_SECONDS``."""
WINDOW_SECONDS = 60.0
MOST_ADDRESSES = 10_000
LETTERS = "@+"
"""What the softphone of a user may be called by, beside letters, digits and ``_.-~``."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that has signed in."""

    user: str
    role: str
    csrf: str
    ends: float

    @property
    def identity(self) -> str:
        """What the softphone of the user is called."""
        return f"console-{quote(self.user, safe=LETTERS)}"

    def accepts(self, token: str) -> bool:
        """Whether a request that changes something comes from our page."""
        return hmac.compare_digest(self.csrf.encode(), token.encode(errors="replace"))


class Sessions:
    """Sessions by the hash of their cookie; ``now`` is monotonic seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def begin(self, user: str, role: str) -> tuple[str, Session]:
        """The cookie of a new session; the oldest session ends when there are too many."""
        cookie = secrets.token_urlsafe(32)
        session = Session(user, role, secrets.token_urlsafe(32), self._now() + LIFETIME_SECONDS)
        while len(self._sessions) >= MOST_SESSIONS:
            self._sessions.popitem(last=False)
        self._sessions[_key(cookie)] = session
        return cookie, session

    def find(self, cookie: str) -> Session | None:
        """The session of a cookie, unless it is over."""
        session = self._sessions.get(_key(cookie))
        if session is not None and session.ends < self._now():
            self.end(cookie)
            return None
        return session

    def end(self, cookie: str) -> None:
        """Sign out."""
        self._sessions.pop(_key(cookie), None)

    def try_once(self, address: str) -> bool:
        """Whether an address may try a password now; counts as a failure until ``forgive``."""
        now = self._now()
        recent = [moment for moment in self._failures.pop(address, ()) if moment > now - WINDOW_SECONDS]
        allowed = len(recent) < MOST_FAILURES
        while len(self._failures) >= MOST_ADDRESSES:
            self._failures.popitem(last=False)
        self._failures[address] = [*recent, now] if allowed else recent
        return allowed

    def forgive(self, address: str) -> None:
        """The last try of an address was right; the others still count."""
        tries = self._failures.get(address)
        if tries:
            tries.pop()


def _key(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode(errors="replace")).digest()
