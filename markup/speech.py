"""What a Say makes heard, when its SSML has been read: words with the manner of their speaking, and breaks.

Text in here is text: nothing in it is markup (spec section 2.1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Manner:
    """How words are spoken, in relation to the voice's own way."""

    language: str = ""
    """BCP 47, from ``lang``; empty is the language of the Say."""
    rate: float = 1.0
    """Factor of the speed."""
    pitch: float = 1.0
    """Factor of the frequency."""
    volume: float = 1.0
    """Factor of the amplitude; 0 is silence that takes as long."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are spoken in one manner."""

    text: str
    """White space collapsed to single spaces; one at either end is where a word ends."""
    manner: Manner = Manner()
    interpret_as: str = ""
    """How ``say-as`` has them read; empty is as words."""
    format: str = ""
    """The order of a date (``mdy``); from ``say-as``."""
    alphabet: str = ""
    """What ``phonemes`` is written in; from ``phoneme``."""
    phonemes: str = ""
    """How they sound; empty is as the voice reads them."""
    role: str = ""
    """Which of the words that are written alike; from ``w``."""

    @property
    def plain(self) -> bool:
        """Whether they are ordinary text, which may be joined with its neighbours."""
        return not (self.interpret_as or self.phonemes or self.role)


@dataclass(frozen=True, slots=True)
class Break:
    """Silence between words, in place of the voice's own pause."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is spoken, in order. False when there is nothing; ``str`` gives the words alone."""

    parts: tuple[Words | Break, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts)

    def __str__(self) -> str:
        return " ".join("".join(part.text if isinstance(part, Words) else " " for part in self.parts).split())

    @property
    def characters(self) -> int:
        """How long the text is, without its markup."""
        return sum(len(part.text) for part in self.parts if isinstance(part, Words))

    def first(self, characters: int, parts: int) -> Utterance:
        """As much of it as has no more than so many characters and parts."""
        kept: list[Words | Break] = []
        for part in self.parts[:parts]:
            if isinstance(part, Words):
                if characters <= 0:
                    break
                part = replace(part, text=part.text[:characters])
                characters -= len(part.text)
            kept.append(part)
        return Utterance(tuple(kept))


NOTHING = Utterance()


def plain(text: str) -> Utterance:
    """A text without markup, its white space collapsed (section 1.5)."""
    text = " ".join(text.split())
    return Utterance((Words(text),)) if text else Utterance()


class Composer:
    """Puts an utterance together, piece by piece."""

    def __init__(self) -> None:
        self._parts: list[Words | Break] = []
        self._space = False
        self._asked: float | None = None
        self._natural = 0.0

    def add(self, words: Words) -> None:
        """Words whose white space is as it was written."""
        raw = words.text
        text = " ".join(raw.split())
        self._space = self._space or raw[:1].isspace()
        if not text:
            return
        self._end_gap()
        last = self._parts[-1] if self._parts else None
        if isinstance(last, Words) and self._space:
            text = f" {text}"
        if isinstance(last, Words) and words.plain and last == replace(words, text=last.text):
            self._parts[-1] = replace(last, text=last.text + text)
        else:
            self._parts.append(replace(words, text=text))
        self._space = raw[-1:].isspace()

    def pause(self, seconds: float) -> None:
        """A ``break``: it replaces any natural pause where it stands, and several add up."""
        self._asked = (self._asked or 0.0) + seconds

    def end_unit(self, seconds: float) -> None:
        """A sentence or paragraph begins or ends here: a natural pause between words, but not at either end of all."""
        self._natural = max(self._natural, seconds)

    def utterance(self) -> Utterance:
        """All of it."""
        self._natural = 0.0
        self._end_gap()
        return Utterance(tuple(self._parts))

    def _end_gap(self) -> None:
        if self._asked is not None:
            self._parts.append(Break(self._asked))
        elif self._natural and self._parts:
            self._parts.append(Break(self._natural))
        self._asked, self._natural = None, 0.0
