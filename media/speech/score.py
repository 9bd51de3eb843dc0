"""From passages to what is spoken, line by line: phrases each in a voice, silences, and bleeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from media.speech.passage import Passage, Silence
from media.speech.phonetics import from_sampa, sound_of
from media.speech.phrases import Phrase, Piece, clean, split
from media.speech.readings import SPELT, read
from media.speech.voices import Cast

MAX_TEXT = 4096
"""Characters of all passages together (spec section 2.1); what is behind them is not spoken."""
_BLEEP_SECONDS = 0.08
"""For each character of what is not to be heard."""
_SHORTEST_BLEEP, _LONGEST_BLEEP = 0.25, 2.0

_WRITTEN_IN = {
    "x-amazon-jyutping": "yue-Latn",
    "x-amazon-pinyin": "cmn-Latn",
    "x-amazon-pron-kana": "ja-JP",
    "x-amazon-yomigana": "ja-JP",
}
"""Alphabets that a voice of a certain language reads as its text."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phrase in an engine's voice."""

    phrase: Phrase
    voice: str
    stand_in: str = ""
    """The usual engine's voice for the language, should the other not be had."""


@dataclass(frozen=True, slots=True)
class Bleep:
    """A tone in place of a word."""

    seconds: float


Line = Spoken | Silence | Bleep


def compose(passages: Iterable[Passage | Silence], cast: Cast) -> list[Line]:
    """The lines of an utterance, in order."""
    lines: list[Line] = []
    run: list[Piece] = []
    voice = stand_in = ""

    def end_run() -> None:
        lines.extend(Spoken(phrase, voice, stand_in) for phrase in split(run))
        run.clear()

    for passage in _limited(passages):
        if isinstance(passage, Silence):
            end_run()
            lines.append(passage)
        elif passage.reading == "expletive":
            end_run()
            seconds = min(max(_SHORTEST_BLEEP, _BLEEP_SECONDS * len(passage.text.strip())), _LONGEST_BLEEP)
            lines.append(Bleep(seconds))
        else:
            piece, language = _piece(passage, cast)
            if (next_voice := cast.speaking(language)) != voice:
                end_run()
                voice, stand_in = next_voice, cast.standing_in(language)
            run.append(piece)
    end_run()
    return lines


def _limited(passages: Iterable[Passage | Silence]) -> Iterator[Passage | Silence]:
    left = MAX_TEXT
    for passage in passages:
        if isinstance(passage, Passage):
            if left <= 0:
                return
            passage = replace(passage, text=passage.text[:left])
            left -= len(passage.text)
        yield passage


def _piece(passage: Passage, cast: Cast) -> tuple[Piece, str]:
    """What to give to an engine, and in which language ("" is that of the cast)."""
    language = passage.language
    manner = Piece("", passage.rate, passage.pitch, passage.volume)
    edge = " " if passage.text[:1].isspace() else ""
    tongue = language or cast.language
    if passage.alphabet in _WRITTEN_IN:
        return replace(manner, text=edge + clean(passage.phonemes)), _WRITTEN_IN[passage.alphabet]
    if passage.phonemes:
        sound = from_sampa(passage.phonemes) if passage.alphabet == "x-sampa" else passage.phonemes
        return replace(manner, text=clean(passage.text), sound=clean(sound)), language
    if passage.reading:
        text = clean(read(clean(passage.text), passage.reading, passage.format, tongue))
        return replace(manner, text=edge + text, spelt=passage.reading in SPELT), language
    if passage.role and tongue.lower().startswith("en"):
        return replace(manner, text=clean(passage.text), sound=sound_of(passage.text, passage.role)), language
    return replace(manner, text=clean(passage.text)), language
