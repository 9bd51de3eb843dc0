"""The tone a caller hears while the called phone rings, by country, and the one after which a caller may speak.

Values as the national networks publish them (ITU-T E.180 supplement 2 collects them); the names are those of the
``ringTone`` attribute of Dial (spec section 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from media.frame import Samples

AMPLITUDE = 6500
"""Peak of the whole tone: about -13 dBm0, in the range E.180 recommends."""
RAMP_SECONDS = 0.004
"""Rise and fall, against clicks."""


@dataclass(frozen=True, slots=True)
class _Ringback:
    frequencies: tuple[float, ...]
    """Hertz, sounding together."""
    cadence: tuple[float, ...]
    """Seconds on, off, on, off ..."""
    modulation: float = 0.0
    """Hertz of a full amplitude modulation; 0 is none."""


_SLOW = (1.0, 4.0)
_PAIRS = (0.4, 0.2, 0.4, 2.0)
_EUROPE = _Ringback((425,), _SLOW)
_BRITAIN = _Ringback((400, 450), _PAIRS)
_AMERICA = _Ringback((440, 480), (2.0, 4.0))

_COUNTRIES = {
    "at": _Ringback((420,), (1.0, 5.0)),
    "au": _Ringback((413, 438), _PAIRS),
    "be": _Ringback((425,), (1.0, 3.0)),
    "bg": _EUROPE,
    "br": _EUROPE,
    "ch": _EUROPE,
    "cl": _Ringback((400,), (1.0, 3.0)),
    "cn": _Ringback((450,), _SLOW),
    "cz": _EUROPE,
    "de": _EUROPE,
    "dk": _EUROPE,
    "ee": _EUROPE,
    "es": _Ringback((425,), (1.5, 3.0)),
    "fi": _EUROPE,
    "fr": _Ringback((440,), (1.5, 3.5)),
    "gr": _EUROPE,
    "hu": _Ringback((425,), (1.25, 3.75)),
    "il": _Ringback((400,), (1.0, 3.0)),
    "in": _Ringback((400,), _PAIRS, 25),
    "it": _EUROPE,
    "jp": _Ringback((400,), (1.0, 2.0), 16),
    "lt": _EUROPE,
    "mx": _EUROPE,
    "my": _Ringback((425,), _PAIRS),
    "nl": _EUROPE,
    "no": _EUROPE,
    "nz": _BRITAIN,
    "ph": _Ringback((425, 480), _SLOW),
    "pl": _EUROPE,
    "pt": _Ringback((425,), (1.0, 5.0)),
    "ru": _EUROPE,
    "se": _Ringback((425,), (1.0, 5.0)),
    "sg": _Ringback((425,), _PAIRS, 24),
    "th": _Ringback((400,), _SLOW),
    "tw": _Ringback((440, 480), (1.0, 2.0)),
    "uk": _BRITAIN,
    "us": _AMERICA,
    "us-old": _Ringback((420,), (2.0, 4.0), 40),
    "ve": _EUROPE,
    "za": _Ringback((400,), _PAIRS, 33),
}

BEEP_HERTZ = 1000.0
BEEP_SECONDS = 0.4

COUNTRIES = frozenset(_COUNTRIES)
"""All values of ``ringTone``."""


@lru_cache(maxsize=2 * len(_COUNTRIES))
def ringback(country: str, rate: int) -> Samples:
    """One period of a country's tone at ``rate`` samples per second, read-only, to be repeated without end.

    "" is ``us``, and so is a country that is not in COUNTRIES: a wrong ``ringTone`` is for the document's parser to report.
    """
    tone = _COUNTRIES.get(country.lower(), _AMERICA)
    parts = []
    for index, seconds in enumerate(tone.cadence):
        count = round(seconds * rate)
        parts.append(np.zeros(count) if index % 2 else _burst(tone, count, rate))
    samples = np.rint(np.concatenate(parts)).astype(np.int16)
    samples.flags.writeable = False
    return samples


@lru_cache(maxsize=4)
def beep(rate: int) -> Samples:
    """The tone before a recording at ``rate`` samples per second, read-only."""
    samples = np.rint(_burst(_Ringback((BEEP_HERTZ,), ()), round(BEEP_SECONDS * rate), rate)).astype(np.int16)
    samples.flags.writeable = False
    return samples


def _burst(tone: _Ringback, count: int, rate: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time = np.arange(count) / rate
    wave = np.sum([np.sin(2 * np.pi * frequency * time) for frequency in tone.frequencies], axis=0) / len(tone.frequencies)
    if tone.modulation:
        wave *= 0.5 - 0.5 * np.cos(2 * np.pi * tone.modulation * time)
    ramp = np.minimum(1, np.minimum(time, time[::-1]) / RAMP_SECONDS)
    burst: np.ndarray[tuple[int], np.dtype[np.float64]] = AMPLITUDE * wave * ramp
    return burst
