"""Tokens as pieces that can be spoken before the last one has come. Pure."""

from __future__ import annotations

import re

LONGEST_CLAUSE = 120
"""Characters after which a piece is cut at a space."""
_BOUNDARY = re.compile(r"[.!?…。！？]+[\"')\]]*(?=\s|$)|[,;:](?=\s)|[،。、，；]|\n")
"""Ends a piece. A full stop inside a number or a name is followed by no space."""
_FIRST_WORDS = 12
"""Characters that a piece has at least when it ends at a comma: less sounds chopped."""
_ENDS_SENTENCE = ".!?…。！？\n"


class Clauses:
    """Collects the tokens of one utterance."""

    def __init__(self) -> None:
        self._text = ""

    def push(self, token: str) -> list[str]:
        """Add a token; the pieces that are complete by it, with what stands between them."""
        self._text += token
        pieces = []
        while (end := self._end_of_piece()) > 0:
            pieces.append(self._text[:end])
            self._text = self._text[end:]
        return pieces

    def flush(self) -> str:
        """The rest: nothing more will come."""
        rest, self._text = self._text, ""
        return rest

    def _end_of_piece(self) -> int:
        for found in _BOUNDARY.finditer(self._text):
            sentence = found[0][0] in _ENDS_SENTENCE
            if sentence and found.end() == len(self._text) and found[0][-1] == "." and self._text[:-1][-1:].isdigit():
                continue  # a number may go on
            if sentence or found.end() >= _FIRST_WORDS:
                return found.end()
        if len(self._text) > LONGEST_CLAUSE:
            return self._text.rfind(" ", 1, LONGEST_CLAUSE) if " " in self._text[1:LONGEST_CLAUSE] else LONGEST_CLAUSE
        return 0


def heard_part(text: str, fraction: float) -> str:
    """The words of a text of which a fraction was played; a word that was cut off is not among them."""
    if fraction >= 1:
        return text
    count = int(len(text) * max(0.0, fraction))
    return text[: text.rfind(" ", 0, count + 1)].rstrip() if " " in text[: count + 1] else ""
