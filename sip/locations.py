"""The location service of a registrar: the bindings of all users (RFC 3261 section 10). Pure; time is seconds since 1970."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping

from sip.bindings import Bindings, Rules, change, describe, live, named_by
from sip.message import Message
from sip.registration import Registration
from sip.requests import Reply
from sip.uri import Uri

REPEAT_SECONDS = 32.0
"""How long a request may be repeated by a phone that missed the answer (RFC 3261 section 17.2.2, timer J)."""
MOST_REPLIES = 4_096


def key_of(user: Uri) -> str:
    """What a user is stored under: ``name@host``."""
    return f"{user.name}@{user.host}"


class Locations:
    """Bindings by user."""

    def __init__(self, rules: Rules) -> None:
        self.changed: Callable[[str, Bindings], None] = lambda user, bindings: None
        """Told the bindings of a user whenever they have become others."""
        self._rules = rules
        self._of: dict[str, Bindings] = {}

    def register(self, user: Uri, asked: Registration, now: float) -> Reply:
        """Do what a REGISTER of a user asks for, and answer it."""
        key = key_of(user)
        before = self._of.get(key, ())
        after = change(before, asked, self._rules, now)
        if isinstance(after, Reply):
            return after
        if after != before:
            self._store(key, after)
            self.changed(key, after)
        return describe(after, asked, user, now)

    def find(self, name: Uri, now: float) -> Bindings:
        """The phones that a URI means, the preferred ones first (RFC 3261 section 16.6)."""
        found = live(self._of.get(key_of(name), ()), now)
        return tuple(sorted((each for each in found if named_by(each, name)), key=lambda each: -float(each.contact.q or 1)))

    def restore(self, stored: Mapping[str, Bindings], now: float) -> None:
        """Take up what an earlier run knew."""
        for key, bindings in stored.items():
            self._store(key, live(bindings, now))

    def forget(self, key: str) -> None:
        """Remove all bindings of a user who is none any more."""
        if self._of.pop(key, ()):
            self.changed(key, ())

    def sweep(self, now: float) -> None:
        """Drop what has expired."""
        for key, bindings in list(self._of.items()):
            left = live(bindings, now)
            if left != bindings:
                self._store(key, left)
                self.changed(key, left)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def __iter__(self) -> Iterator[tuple[str, Bindings]]:
        return iter(list(self._of.items()))

    def _store(self, key: str, bindings: Bindings) -> None:
        if bindings:
            self._of[key] = bindings
        else:
            self._of.pop(key, None)


class Repeats:
    """The answers of the last half minute, for requests that come twice, byte by byte the same."""

    def __init__(self, seconds: float = REPEAT_SECONDS, most: int = MOST_REPLIES) -> None:
        self._seconds = seconds
        self._most = most
        self._replies: OrderedDict[tuple[object, ...], tuple[float, Reply]] = OrderedDict()

    def find(self, message: Message, source: str, now: float) -> Reply | None:
        """What was answered to this very request."""
        at, reply = self._replies.get(_identity(message, source), (0.0, None))
        return reply if at + self._seconds > now else None

    def keep(self, message: Message, source: str, reply: Reply, now: float) -> None:
        """Remember an answer."""
        self._replies[_identity(message, source)] = (now, reply)
        while len(self._replies) > self._most or next(iter(self._replies.values()))[0] + self._seconds <= now:
            self._replies.popitem(last=False)


def _identity(message: Message, source: str) -> tuple[object, ...]:
    return (source, message.start_line, message.headers)
