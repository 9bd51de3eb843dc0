"""Attribute values: how each kind is read, and what TwiML expects there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

Value = str | int | float | bool | tuple[str, ...] | tuple[int, ...]


MOST_HINTS, LONGEST_HINT = 500, 100
"""Spec section 2.4."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one kind of value; ``read`` returns None for what is not of that kind."""

    expected: str
    """What to tell the author."""
    read: Callable[[str], Value | None]
    bound: Callable[[Value], Value] = lambda value: value
    """Brings what is of that kind but out of its range to the nearest value that is allowed."""


def whole(least: int, most: int | None = None, *, nearest: int | None = None) -> Reader:
    """A decimal number; one above ``most`` is taken for ``most``, one below ``nearest`` for ``nearest``."""
    low = least if nearest is None else nearest

    def read(text: str) -> int | None:
        text = text.strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) >= least else None

    def bound(value: Value) -> Value:
        assert isinstance(value, int)
        return max(value, low) if most is None else min(max(value, low), most)

    return Reader(f"a whole number of at least {low}" + (f" and at most {most}" if most else ""), read, bound)


def choice(*allowed: str) -> Reader:
    """One of some words."""
    return Reader("one of " + ", ".join(allowed), lambda text: text if text in allowed else None)


def some_of(*allowed: str) -> Reader:
    """A space-separated list of some words."""

    def read(text: str) -> tuple[str, ...] | None:
        words = tuple(text.split())
        return words if words and all(word in allowed for word in words) else None

    return Reader("a space-separated list of " + ", ".join(allowed), read)


def numbers(least: int, most: int) -> Reader:
    """A space-separated list of whole numbers."""

    def read(text: str) -> tuple[int, ...] | None:
        found = tuple(int(word) for word in text.split() if word in allowed)
        return found if found and len(found) == len(text.split()) else None

    allowed = {str(number) for number in range(least, most + 1)}
    return Reader(f"a space-separated list of whole numbers from {least} to {most}", read)


def decimal(least: float, most: float) -> Reader:
    """A decimal fraction within limits."""

    def read(text: str) -> float | None:
        form = _DECIMAL.fullmatch(text)
        return float(text) if form and least <= float(text) <= most else None

    return Reader(f"a number from {least} to {most}", read)


def amount(most: int) -> Reader:
    """A sum of money, kept as it is written."""
    return Reader(f"an amount from 0 to {most}", lambda text: text if _DECIMAL.fullmatch(text) and float(text) <= most else None)


def milliseconds_or_auto(least: int, most: int) -> Reader:
    """Milliseconds within limits, kept as they are written, or ``auto``."""
    number = whole(least)

    def read(text: str) -> str | None:
        value = number.read(text)
        return text if text == "auto" or (isinstance(value, int) and value <= most) else None

    return Reader(f"auto or a whole number from {least} to {most}", read)


def matching(pattern: str, expected: str) -> Reader:
    """Text of a form."""
    form = re.compile(pattern)
    return Reader(expected, lambda text: text if form.fullmatch(text) else None)


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DECIMAL = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?|\.[0-9]{1,9}")


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _timeout(text: str) -> int | None:
    return 5 if text == "auto" else seconds.read(text)  # type: ignore[return-value]


def _callback(text: str) -> str | None:
    text = text.strip()
    scheme = _SCHEME.match(text)
    blank = any(character.isspace() or ord(character) < 32 for character in text)
    return None if blank or (scheme and scheme.group(1).lower() not in ("http", "https")) else text


def hints_of(said: str) -> tuple[str, ...]:
    """The words and phrases that ``hints`` names."""
    return tuple(filter(None, (phrase.strip() for phrase in said.split(","))))


def _fewer_hints(value: Value) -> Value:
    assert isinstance(value, str)
    phrases = value.split(",")
    kept = [phrase for phrase in phrases if len(phrase.strip()) <= LONGEST_HINT][:MOST_HINTS]
    return value if len(kept) == len(phrases) else ",".join(kept)


def _record(text: str) -> str | None:
    modes = (
        "do-not-record",
        *(f"record-from-{start}{channels}" for start in ("answer", "ringing") for channels in ("", "-dual")),
    )
    text = {"true": "record-from-answer", "false": "do-not-record"}.get(text, text)
    return text if text in modes else None


def _record_conference(text: str) -> str | None:
    text = {"true": "record-from-start", "false": "do-not-record"}.get(text, text)
    return text if text in ("do-not-record", "record-from-start") else None


def _interruption(text: str) -> str | None:
    text = {"true": "any", "false": "none"}.get(text, text)
    return text if text in ("none", "dtmf", "speech", "any") else None


boolean = Reader("true or false", _boolean)
method = Reader("GET or POST", lambda text: text.upper() if text.upper() in ("GET", "POST") else None)
url = Reader("a URL", lambda text: text.strip())
callback = Reader("a URL, relative or of http or https", _callback)
"""A URL that is told things: what is wrong with it never ends a call (spec section 1.9)."""
hints = Reader(f"at most {MOST_HINTS} phrases of at most {LONGEST_HINT} characters", lambda text: text, _fewer_hints)
anything = Reader("text", lambda text: text)
seconds = whole(1)
gather_timeout = Reader("a whole number of seconds or auto", _timeout)
keys = matching(r"[0-9A-DwW*#]*", "keys 0-9 A-D * # and pauses w W")
record = Reader("do-not-record, record-from-answer, record-from-ringing, or one of the last two with -dual", _record)
record_conference = Reader("do-not-record or record-from-start", _record_conference)
interruption = Reader("one of none, dtmf, speech, any", _interruption)
