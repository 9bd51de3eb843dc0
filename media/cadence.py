"""When somebody speaks on a line: the sounds of a call sorted into speech, tones and silence.

How loud silence is on a line is only known once both have been heard, so everything is judged anew with each sound: what
was taken for speech becomes noise when it turns out that it never stops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from media.meter import BLOCK_MS, Sound

ABSENT = -75.0
"""dBov. Nothing below comes from a line: before it, no packets have come yet."""
FAINT = -60.0
"""dBov. What is fainter is not told apart."""
QUIET = -50.0
"""dBov. Nothing below is speech."""
CONTRAST = 5.5
"""dB by which what is speech is louder than what is not, each taken in the mean. Without it all is of one kind."""
RIPPLE = 9.0
"""dB from the quietest to the loudest 20 ms of a sound, as half of them have it at least in speech: noise is more even."""
DEPTH = 0.25
"""Where between the two, in dB, the limit lies: closer to the line, for words have faint parts."""
MEMORY = 300
"""Sounds from which the limit is found: 30 s. Less, and a greeting without a pause has nothing to be compared with."""
STEADY = 0.985
"""Spectra as alike as this come from machines: a tone, or tones together."""
HUM = 600.0
"""Hertz. Below, a voice can hum as purely as a tone."""
CLICK = 1
"""Sounds: speech as short as this is none."""
BREATH = 3
"""Sounds: a pause as short as this is part of a phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of speech; indices of sounds, ``end`` is the first one after it."""

    start: int
    end: int


class Cadence:
    """The sounds of one call, one per 100 ms, and what they are."""

    def __init__(self) -> None:
        self.sounds: list[Sound] = []
        self.phrases: list[Phrase] = []
        """Everything that was said so far."""
        self.limit = QUIET
        """dBov. What is louder is speech or a tone."""
        self._tonal: list[bool] = []
        self._began = 0
        """Where the sound of the line begins."""

    def hear(self, sound: Sound) -> None:
        """Take the next 100 ms."""
        if self._began == len(self.sounds) and sound.level < ABSENT:
            self._began += 1
        self.sounds.append(sound)
        steady = sound.steadiness >= STEADY
        if steady and self._tonal:
            self._tonal[-1] = True
        self._tonal.append(steady or _is_whistled(sound))
        self.limit = self._limit()
        self.phrases = list(self._phrases())

    @property
    def speech(self) -> int:
        """Milliseconds of speech."""
        return sum(phrase.end - phrase.start for phrase in self.phrases) * BLOCK_MS

    @property
    def silence(self) -> int:
        """Milliseconds since something was heard, be it speech or a tone."""
        silent = 0
        spoken = self.phrases[-1].end if self.phrases else 0
        for index in reversed(range(spoken, len(self.sounds))):
            if self._is_tone(index):
                break
            silent += 1
        return silent * BLOCK_MS

    def kinds(self, start: int = 0) -> str:
        """What the sounds from one on are held for now, a letter each: ``s`` speech, ``t`` a tone, ``.`` neither."""
        kinds = ["t" if self._is_tone(index) else "." for index in range(len(self.sounds))]
        for phrase in self.phrases:
            kinds[phrase.start : phrase.end] = "s" * (phrase.end - phrase.start)
        return "".join(kinds[start:])

    def _is_tone(self, index: int) -> bool:
        return self._tonal[index] and self.sounds[index].level > self.limit

    def _limit(self) -> float:
        """The split of recent levels into two groups that are as far apart as possible (Otsu's method)."""
        start = max(self._began, len(self.sounds) - MEMORY)
        recent = zip(self.sounds[start:], self._tonal[start:], strict=True)
        voices = [sound for sound, tonal in recent if not tonal]
        levels = np.sort([max(sound.level, FAINT) for sound in voices])
        if levels.size < 2:
            return QUIET
        below = np.arange(1, levels.size)
        above = levels.size - below
        sums = np.cumsum(levels)
        faint, loud = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
        split = int(np.argmax(below * above * (loud - faint) ** 2))
        contrast = float(loud[split] - faint[split])
        if contrast >= CONTRAST:
            return max(QUIET, float(faint[split]) + DEPTH * contrast)
        ripple = float(np.median([sound.high - sound.low for sound in voices]))
        return QUIET if ripple >= RIPPLE else max(QUIET, float(levels[-1]))

    def _phrases(self) -> Iterator[Phrase]:
        loud = (sound.level > self.limit and not tonal for sound, tonal in zip(self.sounds, self._tonal, strict=True))
        position, phrase = 0, None
        for speaking, run in groupby(loud):
            length = sum(1 for _ in run)
            if speaking and length > CLICK:
                if phrase is not None and position - phrase.end > BREATH:
                    yield phrase
                    phrase = None
                phrase = Phrase(position if phrase is None else phrase.start, position + length)
            position += length
        if phrase is not None:
            yield phrase


def _is_whistled(sound: Sound) -> bool:
    return sound.tone is not None and sound.tone.hertz >= HUM and sound.tone.milliseconds >= BLOCK_MS
