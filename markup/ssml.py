"""The SSML that Say may hold (spec section 2.1): a table of its elements, and the walk from them to an utterance.

What an element may not stand in is a warning; its words are spoken all the same, because a caller who hears too plain a
sentence is better off than one who hears half of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from markup.grammar.attributes import LANGUAGE
from markup.grammar.elements import SCHEMA_WARNING, Attribute
from markup.readers import Reader, Value, choice, matching
from markup.speech import Composer, Manner, Utterance, Words
from markup.tree import Node

BAD_LANGUAGE, BAD_RATE = 13512, 13513
LONGEST_PHONEMES = 250
LONGEST_BREAK = 10.0
"""Seconds, as with Amazon Polly."""

_INLINE = frozenset({"break", "emphasis", "lang", "phoneme", "prosody", "say-as", "sub", "w"})
_TIME = re.compile(r"\+?(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})(s|ms)")


def _seconds(text: str) -> float:
    found = _TIME.fullmatch(text)
    assert found, "the reader lets nothing else through"
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def _labels_or(labels: Mapping[str, float], pattern: str, expected: str) -> Reader:
    return matching("|".join((*labels, pattern)), expected)


_STRENGTHS = {"none": 0.0, "x-weak": 0.0, "weak": 0.25, "medium": 0.25, "strong": 0.5, "x-strong": 1.0}
"""Seconds. As with Polly, the two weakest are no pause, the next two a comma's, then a sentence's and a paragraph's."""
_SENTENCE, _PARAGRAPH = _STRENGTHS["strong"], _STRENGTHS["x-strong"]
_RATES = {"default": 1.0, "x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.75}
_PITCHES = {"default": 1.0, "x-low": 0.7, "low": 0.85, "medium": 1.0, "high": 1.2, "x-high": 1.4}
_VOLUMES = {"default": 1.0, "silent": 0.0, "x-soft": 0.25, "soft": 0.5, "medium": 1.0, "loud": 1.5, "x-loud": 2.0}
_EMPHASIS = {"strong": (0.8, 1.15, 1.6), "moderate": (0.9, 1.07, 1.3), "reduced": (1.15, 0.95, 0.6)}
"""Factors of rate, pitch and volume."""
_PERCENT = r"[+-]?\d{1,4}(\.\d{1,4})?%"

_BREAK_TIME = Reader(
    f"a time such as 500ms or 3s, of at most {LONGEST_BREAK:g}s",
    lambda text: text if _TIME.fullmatch(text) else None,
    lambda text: text if _seconds(str(text)) <= LONGEST_BREAK else f"{LONGEST_BREAK:g}s",
)
_READING_NAMES = "characters spell-out cardinal number ordinal digits fraction unit date time address expletive telephone"
_READINGS = choice(*_READING_NAMES.split())
_FORMATS = choice(*["mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd"])
_ALPHABETS = choice(*["ipa", "x-sampa", "x-amazon-jyutping", "x-amazon-pinyin", "x-amazon-pron-kana", "x-amazon-yomigana"])
_SYMBOLS = Reader(
    f"a pronunciation of at most {LONGEST_PHONEMES} characters",
    lambda text: text.strip() if 0 < len(text.strip()) <= LONGEST_PHONEMES else None,
)
_ALIAS = Reader("text", lambda text: text if text.strip() else None)


@dataclass(frozen=True, slots=True)
class Tag:
    """One SSML element."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()
    """The SSML elements that may stand in it."""
    needs: str = ""
    """The attribute without which it says nothing."""
    text: bool = True


TAGS: dict[str, Tag] = {
    "break": Tag({"strength": Attribute("strength", choice(*_STRENGTHS)), "time": Attribute("time", _BREAK_TIME)}, text=False),
    "emphasis": Tag({"level": Attribute("level", choice(*_EMPHASIS))}, _INLINE),
    "lang": Tag({"xml:lang": Attribute("language", LANGUAGE, BAD_LANGUAGE)}, _INLINE | {"p", "s"}, needs="xml:lang"),
    "p": Tag(holds=_INLINE | {"s"}),
    "s": Tag(holds=_INLINE),
    "phoneme": Tag({"alphabet": Attribute("alphabet", _ALPHABETS), "ph": Attribute("phonemes", _SYMBOLS)}, needs="ph"),
    "prosody": Tag(
        {
            "volume": Attribute(
                "volume",
                _labels_or(_VOLUMES, r"[+-]\d{1,3}(\.\d{1,4})?dB", "default, silent, x-soft to x-loud, +ndB or -ndB"),
            ),
            "rate": Attribute("rate", _labels_or(_RATES, _PERCENT, "x-slow to x-fast or n%"), BAD_RATE),
            "pitch": Attribute("pitch", _labels_or(_PITCHES, _PERCENT, "default, x-low to x-high, +n% or -n%")),
        },
        _INLINE | {"p", "s"},
    ),
    "say-as": Tag(
        {
            "interpret-as": Attribute("interpret_as", _READINGS),
            "format": Attribute("format", _FORMATS),
        },
        needs="interpret-as",
    ),
    "sub": Tag({"alias": Attribute("alias", _ALIAS)}, needs="alias"),
    "w": Tag({"role": Attribute("role", matching(r"[\w:.-]{1,64}", "a role such as amazon:VB"))}, _INLINE - {"lang", "w"}),
}

Attributes = Mapping[str, Value]
ReadAttributes = Callable[[Node, Mapping[str, Attribute]], Attributes]
Warn = Callable[[Node, int, str], None]


def read_speech(say: Node, read_attributes: ReadAttributes, warn: Warn, stranger: Callable[[Node], None]) -> Utterance:
    """What an element holds for speaking.

    ``read_attributes`` gives an element's attributes by the field they go to, ``warn`` takes what is wrong with SSML, and
    ``stranger`` an element that is none; that is left out.
    """
    walk = _Walk(read_attributes, warn, stranger)
    walk.enter(say, Words(""), frozenset(TAGS))
    return walk.composer.utterance()


class _Walk:
    def __init__(self, read_attributes: ReadAttributes, warn: Warn, stranger: Callable[[Node], None]) -> None:
        self.composer = Composer()
        self._read_attributes = read_attributes
        self._warn = warn
        self._stranger = stranger

    def enter(self, node: Node, style: Words, allowed: frozenset[str]) -> None:
        """Take up all that stands in an element."""
        for part in node.parts:
            if isinstance(part, str):
                self.composer.add(replace(style, text=part))
            elif part.name not in TAGS:
                self._stranger(part)
            else:
                if part.name not in allowed:
                    self._warn(part, SCHEMA_WARNING, f"<{part.name}> may not stand in <{node.name}>")
                self._element(part, style)

    def _element(self, node: Node, style: Words) -> None:
        tag = TAGS[node.name]
        attributes = self._read_attributes(node, tag.attributes)
        if tag.needs and tag.needs not in node.attributes:
            self._warn(node, SCHEMA_WARNING, f"<{node.name}> says nothing without {tag.needs}")
        if not tag.text and node.own_text.strip():
            self._warn(node, SCHEMA_WARNING, f"<{node.name}> holds no text")
        _HANDLERS[node.name](self, node, attributes, style)

    def leaf(self, node: Node, style: Words, alias: str = "") -> None:
        """Take up an element that holds text only, as one piece; an alias is spoken instead."""
        text = "".join(self._texts(node, node))
        self.composer.add(replace(style, text=alias or text))

    def _texts(self, node: Node, leaf: Node) -> Iterator[str]:
        for part in node.parts:
            if isinstance(part, str):
                yield part
            elif part.name in TAGS:
                self._warn(part, SCHEMA_WARNING, f"<{part.name}> may not stand in <{leaf.name}>")
                yield from self._texts(part, leaf)
            else:
                self._stranger(part)

    def unit(self, node: Node, style: Words, seconds: float) -> None:
        self.composer.end_unit(seconds)
        self.enter(node, style, TAGS[node.name].holds)
        self.composer.end_unit(seconds)

    def restyled(self, node: Node, style: Words) -> None:
        self.enter(node, style, TAGS[node.name].holds)


def _break(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    time = attributes.get("time")
    walk.composer.pause(_seconds(str(time)) if time else _STRENGTHS[str(attributes.get("strength", "medium"))])
    walk.enter(node, style, TAGS["break"].holds)


def _emphasis(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    rate, pitch, volume = _EMPHASIS[str(attributes.get("level", "moderate"))]
    manner = style.manner
    louder = _bounded(manner, rate=manner.rate * rate, pitch=manner.pitch * pitch, volume=manner.volume * volume)
    walk.restyled(node, replace(style, manner=louder))


def _lang(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    tongue = str(attributes.get("language", style.manner.language))
    walk.restyled(node, replace(style, manner=replace(style.manner, language=tongue)))


def _prosody(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    manner = _bounded(
        style.manner,
        rate=_changed(style.manner.rate, attributes.get("rate"), _RATES),
        pitch=_changed(style.manner.pitch, attributes.get("pitch"), _PITCHES),
        volume=_changed(style.manner.volume, attributes.get("volume"), _VOLUMES),
    )
    walk.restyled(node, replace(style, manner=manner))


def _phoneme(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    phonemes = str(attributes.get("phonemes", ""))
    alphabet = str(attributes.get("alphabet", "ipa")) if phonemes else ""
    walk.leaf(node, replace(style, phonemes=phonemes, alphabet=alphabet))


def _say_as(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    interpret_as, format = str(attributes.get("interpret_as", "")), str(attributes.get("format", ""))
    walk.leaf(node, replace(style, interpret_as=interpret_as, format=format))


def _sub(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    walk.leaf(node, style, str(attributes.get("alias", "")))


def _w(walk: _Walk, node: Node, attributes: Attributes, style: Words) -> None:
    walk.restyled(node, replace(style, role=str(attributes.get("role", ""))))


_HANDLERS: dict[str, Callable[[_Walk, Node, Attributes, Words], None]] = {
    "break": _break,
    "emphasis": _emphasis,
    "lang": _lang,
    "p": lambda walk, node, attributes, style: walk.unit(node, style, _PARAGRAPH),
    "s": lambda walk, node, attributes, style: walk.unit(node, style, _SENTENCE),
    "phoneme": _phoneme,
    "prosody": _prosody,
    "say-as": _say_as,
    "sub": _sub,
    "w": _w,
}


def _changed(now: float, value: Value | None, labels: Mapping[str, float]) -> float:
    """What ``rate``, ``pitch`` or ``volume`` makes of a factor: labels count from the voice's own, the rest from now."""
    text = str(value) if value else "100%"
    if text in labels:
        return labels[text]
    if text.endswith("dB"):
        return now * math.pow(10, float(text[:-2]) / 20)
    number = float(text[:-1]) / 100
    return now * (1 + number if text[0] in "+-" else number)


def _bounded(manner: Manner, *, rate: float, pitch: float, volume: float) -> Manner:
    """The manner with other factors, each rounded so that equal ones compare equal."""
    return replace(
        manner,
        rate=round(min(max(rate, 0.2), 4.0), 3),
        pitch=round(min(max(pitch, 0.25), 4.0), 3),
        volume=round(min(max(volume, 0.0), 4.0), 3),
    )
