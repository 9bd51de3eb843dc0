"""Speech by espeak-ng, from the library inside the ``espeakng_loader`` wheel.

The library keeps its state in global variables, so the whole process has one engine and one lock. It speaks half a minute
in about 20 ms, during which the GIL is free.

Its own SSML is not used: it copies what it finds in tags into fields of fixed size. Manners of speaking are put into the text as
embedded commands, which begin with Ctrl-A; clean text has none.
"""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import espeakng_loader
import numpy as np

from media.errors import SpeechFailed
from media.frame import Samples
from media.speech.mnemonics import encode, read_names, sounds_of_voice, tables_of
from media.speech.phrases import Phrase, Piece, clean

# speak_lib.h
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_PHONEMES = 0x100
_ENDPAUSE = 0x1000
_PHONEMES_IPA = 0x02
_POS_CHARACTER = 1
_OK = 0
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4

_USUAL = {_RATE: 175, _VOLUME: 100, _PITCH: 50, _RANGE: 50}
"""Words a minute, percent, and two scales whose middle is 50."""
_SLOWEST, _FASTEST, _LOUDEST = 80, 450, 200
_SPELL, _READ = "\x0118Y", "\x01Y"
"""Name every character from here on; read words again."""
_AS_CHARACTER = 0xE000
"""What is added to a sign of ASCII to have it named instead of obeyed."""

_BUFFER_MS = 200
_FIRST_VOICE = "en-us"
_AT_ONCE = 40
"""Phoneme strings that are turned into the International Phonetic Alphabet in one go."""

_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

_lock = threading.Lock()


class _Voice(ctypes.Structure):
    """The beginning of espeak_VOICE."""

    _fields_ = (("name", ctypes.c_char_p), ("languages", ctypes.c_char_p), ("identifier", ctypes.c_char_p))


class _Library:
    """The shared library, initialised once; every call under ``_lock``."""

    def __init__(self) -> None:
        self.data = Path(espeakng_loader.get_data_path())
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_GetCurrentVoice.restype = ctypes.POINTER(_Voice)
        self.rate: int = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, _BUFFER_MS, str(self.data).encode(), _INITIALIZE_DONT_EXIT
        )
        if self.rate <= 0:
            raise SpeechFailed(f"espeak-ng cannot be initialised with its data in {self.data}")
        self._chunks: list[Samples] = []
        self._sounds: dict[str, dict[str, str]] = {}
        self._spelling = False
        # ctypes does not keep the callback alive; the library calls it from inside espeak_Synth.
        self._callback: Callable[..., int] = _SYNTH_CALLBACK(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        # The first voice makes the library read the list of all, 40 ms that the first caller should not wait for.
        self.choose(_FIRST_VOICE)

    def choose(self, voice: str) -> None:
        if not self.has(voice):
            raise SpeechFailed(f"espeak-ng has no voice {voice!r}")

    def has(self, voice: str) -> bool:
        """Whether a voice exists; it is then the chosen one."""
        _, plus, variant = voice.partition("+")
        # The library takes any variant for granted.
        if plus and not (variant and "/" not in variant and (self.data / "voices" / "!v" / variant).is_file()):
            return False
        return bool(self._library.espeak_SetVoiceByName(voice.encode("utf-8", "replace")) == _OK)

    def synthesize(self, text: str, flags: int) -> Samples:
        # Commands of the text before are still in force.
        for parameter, value in _USUAL.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        if self._spelling:
            text = _READ + text
        self._spelling = _SPELL in text
        # Without espeakSSML in the flags "<" is text like any other.
        data = text.encode("utf-8", "replace") + b"\0"
        self._chunks = []
        status = self._library.espeak_Synth(data, len(data), 0, _POS_CHARACTER, 0, _CHARS_UTF8 | flags, None, None)
        chunks, self._chunks = self._chunks, []
        if status != _OK:
            raise SpeechFailed(f"espeak-ng refused a text with status {status}")
        return np.concatenate(chunks) if chunks else np.zeros(0, np.int16)

    def sounds(self) -> dict[str, str]:
        """The phonemes of the chosen voice by their signs."""
        language = self._library.espeak_GetCurrentVoice().contents.identifier.decode("utf-8", "replace")
        if language not in self._sounds:
            self.synthesize(" ", _PHONEMES)  # from now on "[[" is understood
            names = read_names(self.data / "phontab", tables_of(self.data / "lang" / language))
            self._sounds[language] = sounds_of_voice(*names, self._spoken)
        return self._sounds[language]

    def _spoken(self, strings: Iterable[str]) -> list[str]:
        words = [f"[[{string}]]" for string in strings]
        heard: list[str] = []
        for place in range(0, len(words), _AT_ONCE):
            batch = words[place : place + _AT_ONCE]
            together = self.phonetic(" ".join(batch)).split()
            one_by_one = len(together) != len(batch)
            heard += ["".join(self.phonetic(word).split()) for word in batch] if one_by_one else together
        return heard

    def phonetic(self, text: str) -> str:
        """A text in the International Phonetic Alphabet."""
        buffer = ctypes.create_string_buffer(text.encode("utf-8", "replace"))
        place = ctypes.c_void_p(ctypes.addressof(buffer))
        clauses = []
        while place.value:
            clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(place), _CHARS_UTF8, _PHONEMES_IPA) or b"")
        return b" ".join(clauses).decode("utf-8", "replace")

    def _take(self, wave: ctypes._Pointer[ctypes.c_short], count: int, events: int) -> int:
        if wave and count > 0:
            self._chunks.append(np.ctypeslib.as_array(wave, (count,)).astype(np.int16))
        return 0


@cache
def _library() -> _Library:
    return _Library()


class Espeak:
    """The engine; all instances share the one library. Raises SpeechFailed when that cannot be initialised."""

    def __init__(self) -> None:
        with _lock:
            self.rate = _library().rate

    def has(self, voice: str) -> bool:
        """Whether there is a voice of this name, such as ``en-us`` or ``fr+f2``."""
        with _lock:
            return _library().has(voice)

    def pronounce(self, text: str, voice: str) -> str:
        """How a text sounds, in the International Phonetic Alphabet. Raises SpeechFailed for a voice that does not exist."""
        with _lock:
            library = _library()
            library.choose(voice)
            return library.phonetic(text)

    def speak(self, phrase: Phrase | str, voice: str) -> Iterator[Samples]:
        """Samples of a phrase, or of a text as it is, as one array; ``voice`` is a name of espeak-ng, such as ``fr+f2``.

        Raises SpeechFailed for a voice that does not exist.
        """
        if isinstance(phrase, str):
            phrase = Phrase((Piece(clean(phrase)),))
        flags = _ENDPAUSE if phrase.paused else 0
        with _lock:
            library = _library()
            library.choose(voice)
            sounds: dict[str, str] = {}
            if any(piece.sound for piece in phrase.pieces):
                flags |= _PHONEMES
                sounds = library.sounds()
            samples = library.synthesize("".join(_written(phrase, sounds)), flags)
        yield samples


def _written(phrase: Phrase, sounds: dict[str, str]) -> Iterator[str]:
    """The phrase with embedded commands in it, of which each holds until the next of its kind."""
    now = (1.0, 1.0, 1.0)
    for piece in phrase.pieces:
        manner = (piece.rate, piece.volume, piece.pitch)
        if manner != now:
            yield "".join(_commands(*manner))
            now = manner
        names = encode(piece.sound, sounds) if piece.sound else ""
        if names:
            yield f"{' ' * piece.text[:1].isspace()}[[{names}]]"
        elif piece.spelt:
            yield _SPELL + "".join(_named(character) for character in piece.text) + _READ
        else:
            yield piece.text.replace("[[", "[ [") if sounds else piece.text


def _commands(rate: float, volume: float, pitch: float) -> Iterator[str]:
    yield f"\x01{min(max(round(_USUAL[_RATE] * rate), _SLOWEST), _FASTEST)}S"
    yield f"\x01{min(max(round(_USUAL[_VOLUME] * volume), 0), _LOUDEST)}A"
    # From half the frequency at 0 to twice at 100.
    yield f"\x01{min(max(round(50 + 50 * math.log2(pitch)), 0), 99)}P"
    yield f"\x01{min(round(50 * pitch), 99)}R"


def _named(character: str) -> str:
    return chr(_AS_CHARACTER + ord(character)) if "!" <= character <= "~" and not character.isalnum() else character
