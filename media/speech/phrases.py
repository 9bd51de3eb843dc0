"""A long text in pieces that are spoken one by one, so that the first is heard while the others wait."""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 4096
"""Characters of one Say (spec section 2.1); what is behind them is not spoken."""
MAX_PHRASE = 400
"""Characters of one piece: half a minute of speech, which is made in about 20 ms."""

_SENTENCE_END = re.compile(r"[.!?…]+[\"'»”)\]]*\s+|[。！？।॥؟۔]+\s*|\n+")
_CLAUSE_END = re.compile(r"[,;:–—]\s+|[，、；：]\s*")
_SPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text as one line without what an engine could take for a command.

    Control characters, private and unassigned code points and lone surrogates become spaces: Ctrl-A starts an embedded
    command of espeak.
    """
    kept = (
        " " if unicodedata.category(character)[0] == "C" and character not in "\n\u200c\u200d" else character
        for character in text
    )
    lines = "".join(kept).split("\n")
    return "\n".join(line for line in (_SPACE.sub(" ", line).strip() for line in lines) if line)


def split(text: str) -> list[str]:
    """The first MAX_TEXT characters of a text, cleaned, in pieces of at most MAX_PHRASE; none if nothing is left.

    A text is only cut where it has to be: as late as possible at the end of a sentence, else of a clause, else at a space.
    """
    rest = clean(text[:MAX_TEXT])
    phrases = []
    while len(rest) > MAX_PHRASE:
        cut = _last_end(rest)
        phrases.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    if rest:
        phrases.append(rest)
    return phrases


def _last_end(text: str) -> int:
    for pattern in (_SENTENCE_END, _CLAUSE_END, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, 0, MAX_PHRASE)]
        if ends:
            return ends[-1]
    cut = MAX_PHRASE
    while cut > 1 and unicodedata.combining(text[cut]):
        cut -= 1
    return cut
