"""What a caller hears who waits: a tune of our own, made from its score when it is first needed, without end.

The piece was written for this switch and is in the public domain. It is for a telephone: nothing in it depends on what a
telephone does not carry, it is no louder than speech, and nothing in it resembles a signal tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from media.frame import Samples

BEAT_SECONDS = 0.75
BEATS = 4
"""Of one bar."""
LOUDNESS = 2300.0
"""Root mean square of the whole piece: about -20 dBm0, a quiet talker."""
RINGING_SECONDS = 3.0
"""How long a note is heard after it was struck."""

Wave = npt.NDArray[np.float32]

_CHORDS = {
    "C": "C3 G3 C4 E4 G4 B4",
    "Am": "A2 G3 C4 E4 G4 C5",
    "F": "F3 C4 F4 A4 C5 E5",
    "G": "G2 D4 G4 A4 B4 D5",
    "Em": "E3 B3 E4 G4 B4 D5",
    "Dm": "D3 A3 D4 F4 A4 C5",
    "Fm": "F3 C4 F4 G#4 C5 D5",
}
"""Lowest note first: the bass, then what the left hand breaks into eighths."""
_FIGURES = ((1, 3, 2, 4, 3, 5, 4, 2), (1, 2, 3, 5, 4, 3, 2, 4))
"""Which note of the chord each eighth of a bar has; the bars take turns."""
_PARTS = {
    "verse": (
        "C Am F G C Em F G",
        "E5:2 D5:1 C5:1|A4:3 -:1|A4:1 C5:1 F5:1.5 E5:.5|D5:3 -:1|E5:1 G5:1 C6:1.5 B5:.5|G5:3 -:1|F5:1 E5:1 C5:1 A4:1|B4:2 -:2",
    ),
    "answer": (
        "C Am F G Am Dm G C",
        "E5:2 D5:1 C5:1|A4:3 -:1|A4:1 C5:1 F5:1.5 E5:.5|D5:3 -:1|C5:1 E5:1 A5:1.5 G5:.5|F5:2 E5:1 D5:1|B4:1 D5:1 G4:2|C5:3 -:1",
    ),
    "bridge": (
        "F Em Dm C F Fm G G",
        "A5:2 G5:1 F5:1|G5:2 -:2|F5:2 E5:1 D5:1|E5:2 -:2|A5:1.5 G5:.5 F5:1 C6:1|G#5:2 F5:1 D5:1|D5:1 E5:1 G5:1 A5:1|B5:2 -:2",
    ),
    "turn": (
        "Am Em F C Dm Am F G",
        "C5:1 E5:1 A5:2|B5:1 A5:1 G5:2|F5:1 G5:1 A5:1 C6:1|G5:3 -:1|F5:1 A5:1 D5:2|E5:1 C5:1 A4:2|A4:1 C5:1 F5:1 A5:1|G5:2 D5:2",
    ),
}
"""Eight bars each: a chord for every bar, and the melody, notes with their beats; ``-`` is a rest."""
_ORDER = ("verse", "answer", "bridge", "answer", "turn", "answer")
_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class _Note:
    beat: float
    """When it is struck, from the beginning of the piece."""
    pitch: str
    strength: float


@lru_cache(maxsize=2)
def hold_music(rate: int) -> Samples:
    """The piece at ``rate`` samples per second, int16 of shape (n,), read-only; its end leads back to its beginning.

    The first call takes some tenths of a second.
    """
    notes = [note for number, part in enumerate(_ORDER) for note in _write_part(part, 8 * BEATS * number)]
    size = round(8 * BEATS * len(_ORDER) * BEAT_SECONDS * rate)
    piece = np.zeros(size + round(RINGING_SECONDS * rate) + 1, np.float32)
    struck = {pitch: _strike(pitch, rate) for pitch in sorted({note.pitch for note in notes})}
    for note in notes:
        wave = struck[note.pitch]
        start = round(note.beat * BEAT_SECONDS * rate)
        piece[start : start + wave.size] += note.strength * wave
    # What rings on after the end is heard at the beginning: the loop has no seam.
    tail = piece[size:]
    piece[: tail.size] += tail
    piece = piece[:size]
    piece *= LOUDNESS / np.sqrt(np.mean(np.square(piece)))
    samples: Samples = np.rint(piece, out=piece).astype(np.int16)  # in place: what is borrowed for a while is not all given back
    samples.flags.writeable = False
    return samples


def _write_part(name: str, beat: float) -> list[_Note]:
    chords, melody = _PARTS[name]
    notes = []
    for bar, (chord, phrase) in enumerate(zip(chords.split(), melody.split("|"), strict=True)):
        begin = beat + bar * BEATS
        bass, *others = _CHORDS[chord].split()
        notes.append(_Note(begin, bass, 0.8))
        for place, step in enumerate(_FIGURES[bar % 2]):
            notes.append(_Note(begin + place / 2, others[step - 1], 0.4 if place % 4 else 0.5))
        for word in phrase.split():
            pitch, _, beats = word.partition(":")
            if pitch != "-":
                notes.append(_Note(begin, pitch, 1.0))
            begin += float(beats)
    return notes


def _strike(pitch: str, rate: int) -> Wave:
    """One note of an instrument between a harp and an electric piano, its partials dying the faster the higher they are."""
    fundamental = frequency(pitch)
    time = np.arange(round(RINGING_SECONDS * rate), dtype=np.float32) / rate
    wave = np.zeros_like(time)
    for partial, strength in ((1, 1.0), (2, 0.45), (3, 0.22), (4, 0.1), (5, 0.05)):
        if partial * fundamental < 0.45 * rate:
            decay = np.exp(-time * (1.1 + 0.9 * partial + fundamental / 800))
            wave += strength * decay * np.sin(2 * np.pi * partial * fundamental * time)
    attack = np.minimum(1, time / 0.006)
    release = np.minimum(1, (RINGING_SECONDS - time) / 0.3)
    return (wave * attack * release).astype(np.float32)


def frequency(pitch: str) -> float:
    """Hertz of a note such as ``G#4`` in equal temperament; A4 is 440."""
    semitones = _SEMITONES[pitch[0]] + ("#" in pitch) + 12 * int(pitch[-1])
    return 440.0 * float(2.0 ** ((semitones - 57) / 12))
