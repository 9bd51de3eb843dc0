"""What a customer expects to hear, as words: hints of TwiML are written as people write, with figures and signs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[a-z]+(?:['.-][a-z]+)*|[0-9]")
_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MOST_WORDS = 20
"""In one phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One hint."""

    text: str
    """As it was written."""
    words: tuple[str, ...]
    """As they are spoken, in lower case."""


def read_hints(hints: Iterable[str]) -> Iterator[Phrase]:
    """The phrases of some hints; those in which nothing can be spoken are left out."""
    for hint in hints:
        text = " ".join(hint.split())
        words = tuple(_spoken(text))
        if words and len(words) <= MOST_WORDS:
            yield Phrase(text, words)


def _spoken(text: str) -> Iterator[str]:
    for found in _WORD.findall(text.lower().replace("’", "'")):
        if found.isdecimal():
            yield _FIGURES[int(found)]
        else:
            yield from found.replace("-", " ").replace(".", " ").split()
