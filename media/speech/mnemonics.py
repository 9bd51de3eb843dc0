"""From the International Phonetic Alphabet to the names that espeak-ng has for the sounds of a voice."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

_TABLE = struct.Struct("<BBxx32s")
_ROW = struct.Struct("<4s7xB4x")
_VOWEL, _CONSONANTS = 2, range(3, 9)

_STRESS = {"ˈ": "'", "ˌ": ",", "'": "'"}
_SAME = str.maketrans({"g": "ɡ", "ɝ": "ɜː", "ʧ": "tʃ", "ʤ": "dʒ", "ʦ": "ts", "ʣ": "dz", "\u0361": "", "\u035c": ""})
_NEAR = {
    sign: tuple(near.split())
    for sign, *near_signs in (
        line.split(maxsplit=1)
        for line in """
        a æ aː ɑː ä ɐ
        aː a ɑː
        æ a ɛ
        ɑ ɑː a æ
        ɑː ɑ aː a
        ɐ ə a ʌ
        ʌ ɐ a ə
        ɒ ɔ ɑː o
        ɔ ɒ o ɔː oː
        ɔː ɔ oː o
        e ɛ eː
        eː e eɪ ɛ
        ɛ e eː
        ɛː ɛ e
        ə ɐ ɜ ɛ e a
        ɘ ə e
        ɜ ɜː ə œ
        ɜː ɜ ɚ œ ə
        ɚ əɹ ɜː ə
        i iː ɪ
        iː i
        ɪ i ᵻ
        ᵻ ɪ i
        ɨ ɪ i
        o oː ɔ ɔː oʊ
        oː o oʊ ɔ
        ɤ o ə
        ɵ ø o ə
        u uː ʊ ɯ
        uː u ɯ
        ʊ u uː
        ʉ y u uː
        ɯ u uː
        y yː ʏ i iː
        yː y iː i
        ʏ y ɪ i
        ø øː œ e ɜː
        øː ø e
        œ ø ɛ ɜː
        b p
        β v b
        ʋ v w
        v f w
        ð d z
        θ t s
        ɕ ʃ s
        ʑ ʒ z
        ʂ ʃ s
        ʐ ʒ z
        ʃ s
        ʒ z ʃ
        ç x ʃ h
        ʝ j
        x χ h k
        χ x h
        ɣ ɡ x
        ħ h
        ɦ h
        h x
        ʁ r ɹ ʀ
        ʀ ʁ r
        r ɹ ɾ ʁ
        ɹ r ɾ ʁ
        ɾ r ɹ
        ɻ ɹ r
        ɽ ɾ r
        ʎ lj l
        ɭ l
        ɫ l
        ɬ l ʃ
        l ɹ ɾ
        ɲ nj n
        ŋ n
        ɴ ŋ n
        ɱ m
        ɳ n
        ɟ dj d
        c k
        q k
        ʈ t
        ɖ d
        ɸ f
        ʍ w
        ɥ w j
        w v u
        j i
        ʔ t
    """.strip().splitlines()
    )
    for near in near_signs
}
"""What to say for a sound that a voice has not, the nearest first."""

Spoken = Callable[[Iterable[str]], list[str]]
"""Gives the International Phonetic Alphabet of several phoneme strings of espeak-ng, in order."""


def tables_of(language_file: Path) -> list[str]:
    """The phoneme tables that a language of espeak-ng may mean, from its file; the first that exists counts."""
    lines = [line.split() for line in language_file.read_text("utf-8").splitlines()]
    named = [line[1] for key in ("phonemes", "language") for line in lines if len(line) > 1 and line[0] == key]
    return [*named, *(name.partition("-")[0] for name in named)]


def read_names(phontab: Path, titles: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the vowels and of the consonants of the first of some phoneme tables, with those it inherits."""
    data = phontab.read_bytes()
    tables: list[tuple[str, dict[str, int]]] = []
    place = 4
    for _ in range(data[0]):
        count, inherited, name = _TABLE.unpack_from(data, place)
        place += _TABLE.size
        kinds = dict(tables[inherited - 1][1]) if inherited else {}
        for row, kind in _ROW.iter_unpack(data[place : place + count * _ROW.size]):
            kinds[row.rstrip(b"\0").decode("latin-1")] = kind
        tables.append((name.rstrip(b"\0").decode("latin-1"), kinds))
        place += count * _ROW.size
    by_title = dict(tables)
    found: dict[str, int] = next((by_title[title] for title in titles if title in by_title), {})
    named = sorted(name for name in found if name[:1].isalnum() or name[:1] in {"@", "?", "*"})
    return tuple(n for n in named if found[n] == _VOWEL), tuple(n for n in named if found[n] in _CONSONANTS)


def sounds_of_voice(vowels: Iterable[str], consonants: Iterable[str], spoken: Spoken) -> dict[str, str]:
    """The name of each sound of the voice that is chosen, by its sign in the International Phonetic Alphabet.

    A vowel is tried between two t and a consonant between two a, because voices change what is at the edge of a word and
    what stands next to its like.
    """
    found: dict[str, str] = {}
    for names, frame in ((vowels, "t"), (consonants, "a")):
        tried = list(names)
        edge = unicodedata.normalize("NFD", spoken([frame])[0])
        for name, heard in zip(tried, spoken(f"{frame}{name}{frame}" for name in tried), strict=True):
            sign = unicodedata.normalize("NFD", heard).removeprefix(edge).removesuffix(edge)
            if sign and (sign not in found or len(name) < len(found[sign])):
                found[sign] = name
    for sign in list(found):
        found.setdefault(_bare(sign), found[sign])
    return found


def encode(phonetic: str, sounds: Mapping[str, str]) -> str:
    """A pronunciation in the names of a voice's sounds; "" when it has none of them. Unknown signs are left out."""
    text = unicodedata.normalize("NFD", phonetic).translate(_SAME)
    longest = max(map(len, sounds), default=1)
    parts: list[str] = []
    place = spoken = 0
    while place < len(text):
        size, part = _next_part(text, place, longest, sounds)
        spoken += bool(part.strip(" ',"))
        parts.append(part)
        place += size
    return re.sub(r"\|?([ ',])\|?", r"\1", "|".join(filter(None, parts))) if spoken else ""


def _next_part(text: str, place: int, longest: int, sounds: Mapping[str, str]) -> tuple[int, str]:
    """How many characters make the next sound, and its name; "" if the voice has nothing like it."""
    if text[place] in _STRESS:
        return 1, _STRESS[text[place]]
    if text[place].isspace():
        return 1, " "
    for size in range(min(longest, len(text) - place), 0, -1):
        if name := _name(text[place : place + size], sounds):
            return size, name
    return 1, ""


def _name(sign: str, sounds: Mapping[str, str]) -> str:
    if sign in sounds:
        return sounds[sign]
    for near in _NEAR.get(sign, ()):
        if near in sounds:
            return sounds[near]
        if near[-1] != "ː" and all(each in sounds for each in near):
            return "|".join(sounds[each] for each in near)
    return ""


def _bare(sign: str) -> str:
    """A sign without its small marks: what is written when nobody cares for them."""
    return "".join(each for each in sign if unicodedata.category(each) not in ("Mn", "Lm") or each == "ː") or sign
