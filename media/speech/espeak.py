"""Speech by espeak-ng, from the library inside the ``espeakng_loader`` wheel.

The library keeps its state in global variables, so the whole process has one engine and one lock. It speaks half a minute
in about 20 ms, during which the GIL is free.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator
from functools import cache

import espeakng_loader
import numpy as np

from media.errors import SpeechFailed
from media.frame import Samples

# speak_lib.h
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_POS_CHARACTER = 1
_OK = 0

_BUFFER_MS = 200
_FIRST_VOICE = "en-us"

_SYNTH_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

_lock = threading.Lock()


class _Library:
    """The shared library, initialised once; every call under ``_lock``."""

    def __init__(self) -> None:
        path = espeakng_loader.get_data_path()
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
        self.rate: int = self._library.espeak_Initialize(
            _AUDIO_OUTPUT_SYNCHRONOUS, _BUFFER_MS, str(path).encode(), _INITIALIZE_DONT_EXIT
        )
        if self.rate <= 0:
            raise SpeechFailed(f"espeak-ng cannot be initialised with its data in {path}")
        self._chunks: list[Samples] = []
        # ctypes does not keep the callback alive; the library calls it from inside espeak_Synth.
        self._callback: Callable[..., int] = _SYNTH_CALLBACK(self._take)
        self._library.espeak_SetSynthCallback(self._callback)
        # The first voice makes the library read the list of all, 40 ms that the first caller should not wait for.
        self.choose(_FIRST_VOICE)

    def choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != _OK:
            raise SpeechFailed(f"espeak-ng has no voice {voice!r}")

    def synthesize(self, text: str) -> Samples:
        # Without espeakSSML and espeakPHONEMES in the flags, "<" and "[[" are text like any other.
        data = text.encode("utf-8", "replace") + b"\0"
        self._chunks = []
        status = self._library.espeak_Synth(data, len(data), 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        chunks, self._chunks = self._chunks, []
        if status != _OK:
            raise SpeechFailed(f"espeak-ng refused a text with status {status}")
        return np.concatenate(chunks) if chunks else np.zeros(0, np.int16)

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

    def speak(self, text: str, voice: str) -> Iterator[Samples]:
        """Samples of a text as one array; ``voice`` is a name of espeak-ng, such as ``fr+f2``.

        Raises SpeechFailed for a voice that does not exist.
        """
        with _lock:
            library = _library()
            library.choose(voice)
            samples = library.synthesize(text)
        yield samples
