"""Whether what was heard is what was spoken, come back over the caller's loudspeaker. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

FEWEST_WORDS = 3
"""An answer often repeats a word or two of the question."""
ALIKE = 0.7
"""The part of the words that has to be found again, in their order."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def is_echo(heard: str, spoken: str, fewest: int = FEWEST_WORDS) -> bool:
    """Whether most words of ``heard`` were spoken in a row; of less than ``fewest`` that is not said."""
    words, source = _words(heard), _words(spoken)
    if len(words) < fewest or not source:
        return False
    blocks = [block for block in SequenceMatcher(None, source, words, autojunk=False).get_matching_blocks() if block.size]
    found = sum(block.size for block in blocks)
    if found < ALIKE * len(words):
        return False
    # What was heard of a passage is about as long as the passage: words from all over a long text are no echo.
    return blocks[-1].a + blocks[-1].size - blocks[0].a <= 2 * len(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
