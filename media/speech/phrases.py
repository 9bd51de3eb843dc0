"""Long texts in phrases that are spoken one by one, so that the first is heard while the others wait."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

MAX_PHRASE = 400
"""Characters of one phrase: half a minute of speech, which is made in about 20 ms."""
_SLOWEST, _FASTEST = 0.25, 4.0

_SENTENCE_END = re.compile(r"[.!?…]+[\"'»”)\]]*\s+|[。！？।॥؟۔]+\s*")
_CLAUSE_END = re.compile(r"[,;:–—]\s+|[，、；：]\s*")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is spoken in one manner."""

    text: str
    """Clean; see ``clean``."""
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 1.0
    """Factors of the voice's own speed, frequency and amplitude."""
    spelt: bool = False
    """Each character is named."""
    sound: str = ""
    """How it sounds, in the International Phonetic Alphabet; the text is for an engine that cannot say so."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What an engine makes in one go."""

    pieces: tuple[Piece, ...]
    paused: bool = False
    """The pause that belongs to its last mark is heard after it: the text goes on."""

    @property
    def text(self) -> str:
        """All of it in one line, for engines that do not tell its pieces apart."""
        return " ".join("".join(piece.text for piece in self.pieces).split())

    @property
    def speed(self) -> float:
        """That of its beginning, for such engines, as a factor from 0.25 to 4."""
        return min(_FASTEST, max(_SLOWEST, self.pieces[0].rate)) if self.pieces else 1.0

    @property
    def loud(self) -> bool:
        """Whether anything in it is meant to be heard."""
        return any(piece.volume > 0 for piece in self.pieces)


def clean(text: str) -> str:
    """The text as one line without what an engine could take for a command.

    Control characters, private and unassigned code points and lone surrogates become spaces: Ctrl-A starts an embedded
    command of espeak. White space collapses; one space at either end is kept.
    """
    kept = (" " if unicodedata.category(each)[0] == "C" and each not in "\u200c\u200d" else each for each in text)
    return _SPACE.sub(" ", "".join(kept))


def split(pieces: Sequence[Piece]) -> list[Phrase]:
    """Pieces that are spoken without a break, in phrases of at most MAX_PHRASE characters; none if there is no text.

    A text is only cut where it has to be: as late as possible at the end of a sentence, else of a clause, else at a space;
    a piece whose sound is given is not cut.
    """
    rest = [replace(piece, text=piece.text[:MAX_PHRASE]) if piece.sound else piece for piece in pieces]
    phrases = []
    while (text := "".join(piece.text for piece in rest)).strip():
        cut, paused = _last_end(text) if len(text) > MAX_PHRASE else (len(text), False)
        taken, rest = _parted(rest, cut)
        if stripped := _stripped(taken):
            phrases.append(Phrase(stripped, paused and any(piece.text.strip() for piece in rest)))
    return phrases


def _last_end(text: str) -> tuple[int, bool]:
    for pattern, paused in ((_SENTENCE_END, True), (_CLAUSE_END, True), (_SPACE, False)):
        ends = [match.end() for match in pattern.finditer(text, 0, MAX_PHRASE)]
        if ends:
            return ends[-1], paused
    cut = MAX_PHRASE
    while cut > 1 and unicodedata.combining(text[cut]):
        cut -= 1
    return cut, False


def _parted(pieces: Sequence[Piece], cut: int) -> tuple[list[Piece], list[Piece]]:
    """The pieces before and after a place in their text."""
    before: list[Piece] = []
    for number, piece in enumerate(pieces):
        size = len(piece.text)
        if size > cut and (cut == 0 or (piece.sound and before)):
            return before, list(pieces[number:])
        if size > cut and not piece.sound:
            before.append(replace(piece, text=piece.text[:cut]))
            return before, [replace(piece, text=piece.text[cut:]), *pieces[number + 1 :]]
        before.append(piece)
        cut = max(0, cut - size)
    return before, []


def _stripped(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces without space at the ends of all."""
    kept = [piece for piece in pieces if piece.text]
    while kept and not kept[0].text.strip():
        del kept[0]
    while kept and not kept[-1].text.strip():
        del kept[-1]
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return tuple(kept)
