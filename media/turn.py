"""Whether somebody has finished speaking, by how long nothing was said and by what was understood so far. Pure."""

from __future__ import annotations

from collections.abc import Collection

USUAL_PAUSE = 0.8
"""Seconds that end an utterance of which nothing special is known."""
COMPLETE_PAUSE = 0.5
"""After an answer that was expected, word for word: nothing has to follow it."""
NUMBER_PAUSE = 1.2
"""After a figure: people say long numbers in groups."""
UNFINISHED_PAUSE = 1.8
"""After a word that nobody ends with."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIGURES = _words("zero oh one two three four five six seven eight nine ten double triple")
_UNFINISHED = _words(
    "a an the and or but so because if to of for from with at in on by is are was my your his her our their this that these "
    "i you we they um uh er erm well like let's can could would will about than as into"
)


def pause_that_ends(words: str, expected: Collection[str] = ()) -> float:
    """Seconds without a voice after which an utterance is over; ``words`` are those understood so far, perhaps none.

    ``expected`` are the phrases of which it may be one, as they would be understood.
    """
    if words and words in expected:
        return COMPLETE_PAUSE
    last = words.lower().rstrip(".,!?").rpartition(" ")[2]
    if last in _FIGURES or last.isdecimal():
        return NUMBER_PAUSE
    return UNFINISHED_PAUSE if last in _UNFINISHED else USUAL_PAUSE
