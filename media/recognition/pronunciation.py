"""How words sound that no dictionary has, such as names: as espeak-ng would say them, in the phonemes of CMU's dictionary."""

from __future__ import annotations

import re
from functools import lru_cache

from media.errors import SpeechFailed
from media.speech.espeak import Espeak

MOST_PHONEMES = 40
"""Of one word."""
_VOICE = "en-us"
_PHONEMES = {
    "tʃ": "CH", "dʒ": "JH", "eɪ": "EY", "aɪ": "AY", "ɔɪ": "OY", "aʊ": "AW", "oʊ": "OW", "əl": "AH L", "iə": "IY AH",
    "iː": "IY", "uː": "UW", "ɔː": "AO", "ɑː": "AA", "ɜː": "ER", "oː": "AO", "ɪ": "IH", "i": "IY", "ɛ": "EH", "e": "EH", "æ": "AE",
    "a": "AE", "ɐ": "AH", "ə": "AH", "ʌ": "AH", "ɚ": "ER", "ɔ": "AO", "ɑ": "AA", "ʊ": "UH", "u": "UW", "ᵻ": "IH", "o": "OW",
    "b": "B", "d": "D", "ð": "DH", "f": "F", "ɡ": "G", "g": "G", "h": "HH", "j": "Y", "k": "K", "x": "K", "l": "L", "m": "M",
    "n": "N", "ŋ": "NG", "p": "P", "ɹ": "R", "r": "R", "s": "S", "ʃ": "SH", "t": "T", "ɾ": "D", "ʔ": "T", "θ": "TH", "v": "V",
    "w": "W", "z": "Z", "ʒ": "ZH",
}  # fmt: skip
"""Longer signs come first."""
_SIGN = re.compile("|".join(_PHONEMES))


@lru_cache(10_000)
def guess(word: str) -> str:
    """The phonemes of an English word with spaces between them; empty when nothing of it can be spoken."""
    try:
        spoken = Espeak().pronounce(word, _VOICE)
    except SpeechFailed:
        return ""
    return " ".join([_PHONEMES[sign] for sign in _SIGN.findall(spoken)][:MOST_PHONEMES])
