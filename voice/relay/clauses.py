"""Tokens as pieces that can be spoken before the last one has come. Pure."""

from __future__ import annotations

import re

from voice.relay.abbreviations import is_abbreviation

LONGEST_CLAUSE = 120
"""Characters after which a piece is cut at a space."""
_BOUNDARY = re.compile(r"[.!?…。！？]+[\"')\]]*(?=\s|$)|[,;:](?=\s)|[،。、，；]|\n")
"""Ends a piece. A full stop inside a number or a name is followed by no space."""
_FIRST_WORDS = 12
"""Characters that a piece has at least when it ends at a comma: less sounds chopped."""
_ENDS_SENTENCE = ".!?…。！？\n"
_BETWEEN_WORDS = re.compile(r"\s|(?<=[\u3040-\u30ff\u3400-\u9fff\uff00-\uffef])")


class Clauses:
    """Collects the tokens of one utterance."""

    def __init__(self) -> None:
        self._text = ""

    def push(self, token: str, language: str = "") -> list[str]:
        """Add a token; the pieces that are complete by it, with what stands between them. ``language`` is BCP 47."""
        self._text += token
        pieces = []
        while (end := self._end_of_piece(language)) > 0:
            pieces.append(self._take(end))
        return pieces

    @property
    def waiting(self) -> bool:
        """Whether there are whole words."""
        return bool(self._text[: self._end_of_words()].strip())

    def words(self) -> str:
        """The words that are whole, for an application that makes a pause: the last one may go on."""
        return self._take(self._end_of_words())

    def flush(self) -> str:
        """The rest: nothing more will come."""
        rest, self._text = self._text, ""
        return rest

    def _take(self, end: int) -> str:
        piece, self._text = self._text[:end], self._text[end:]
        return piece

    def _end_of_words(self) -> int:
        return max((found.start() for found in _BETWEEN_WORDS.finditer(self._text)), default=0)

    def _end_of_piece(self, language: str) -> int:
        for found in _BOUNDARY.finditer(self._text):
            sentence = found[0][0] in _ENDS_SENTENCE
            if found[0] == "." and self._goes_on(found, language):
                continue
            if sentence or found.end() >= _FIRST_WORDS:
                return found.end()
        if len(self._text) > LONGEST_CLAUSE:
            return self._text.rfind(" ", 1, LONGEST_CLAUSE) if " " in self._text[1:LONGEST_CLAUSE] else LONGEST_CLAUSE
        return 0

    def _goes_on(self, stop: re.Match[str], language: str) -> bool:
        """Whether a full stop may be one within a number, or that of an abbreviation."""
        word = (self._text[: stop.start()].split() or [""])[-1]
        return (stop.end() == len(self._text) and word[-1:].isdigit()) or is_abbreviation(word, language)


def heard_part(text: str, fraction: float) -> str:
    """The words of a text of which a fraction was played; a word that was cut off is not among them."""
    if fraction >= 1:
        return text
    count = int(len(text) * max(0.0, fraction))
    return text[: text.rfind(" ", 0, count + 1)].rstrip() if " " in text[: count + 1] else ""
