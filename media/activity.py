"""Where people speak to a machine: the voice activity of all rows that are listened to, in one array operation a tick.

Unlike the level meter this one has no limits that hold for every line: a row is compared with its own noise, which is taken to
be the least that was heard of it lately, so that the end of an utterance is found on a noisy line too.

Digital silence before the first sound of a line is none of its noise, unless it lasts: the line is not there yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.frame import Samples
from media.level import QUIET, power

ABOVE_NOISE = 3.0
"""How many times the power of the noise a voice has at least: 4.8 dB."""
ONSET = 3
"""Loud frames in a row that may be a voice."""
SUSTAINED = 7
"""Loud frames since then that are one: 140 ms, of vowels half as many. Clicks, taps and short coughs are less."""
VOWEL, VOWEL_COUNTS = 0.5, 2
"""From which likeness of neighbouring samples (at 8 kHz) on a frame is taken for a vowel, which is worth more than noise:
noise has none, whatever its loudness, and vowels are mostly above 0.7."""
HANGOVER = 10
"""Quiet frames in a row that end a voice: 200 ms, longer than the gaps within a word."""
EPOCH, EPOCHS = 15, 6
"""Frames of an epoch, and epochs whose least power is the noise: nobody speaks for 1.8 s without a gap."""

LATE = 25
"""Frames within which the first packet of a line comes: when there is digital silence for longer, that is what the line says."""

_TELEPHONE = 160
"""Samples of a frame at 8 kHz."""
_Floats = npt.NDArray[np.float32]
_Slots = npt.NDArray[np.intp]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Activity:
    """What began and ended in a frame, and where somebody speaks; of the slots that were asked for, in their order."""

    started: _Flags
    """A voice may have begun."""
    sustained: _Flags
    """It is one."""
    ended: _Flags
    loud: _Flags


def likeness(frames: Samples) -> _Floats:
    """How much each sample of a frame is like the one 125 us before, from -1 to 1: shape (n, samples) to (n,)."""
    wave = frames[:, :: frames.shape[1] // _TELEPHONE].astype(np.float32)
    power_ = np.einsum("ij,ij->i", wave, wave) + np.float32(1)
    alike: _Floats = np.einsum("ij,ij->i", wave[:, 1:], wave[:, :-1]) / power_
    return alike


class VoiceActivity:
    """The state of ``slots`` lines. Belongs to the media thread."""

    def __init__(self, slots: int) -> None:
        self._least = np.zeros((slots, EPOCHS), np.float32)
        """The least power of each of the last epochs."""
        self._age = np.zeros(slots, np.int64)
        """Frames since the line is there."""
        self._absent = np.zeros(slots, np.int64)
        """Frames before."""
        self._run = np.zeros(slots, np.int64)
        """Loud frames in a row."""
        self._worth = np.zeros(slots, np.int64)
        """What they count."""
        self._loud = np.zeros(slots, np.int64)
        """What the loud frames count of the voice that goes on."""
        self._quiet = np.zeros(slots, np.int64)
        """Frames since the last loud one of a voice."""

    def clear(self, slot: int) -> None:
        """Begin afresh: nobody speaks, and what is heard first is noise until there is less of it."""
        self._least[slot] = np.inf
        self._absent[slot] = self._age[slot] = self._run[slot] = self._worth[slot] = self._loud[slot] = 0
        self._quiet[slot] = HANGOVER

    def hear(self, slots: _Slots, frames: Samples) -> Activity:
        """Take the next frame of some slots, shape (slots, samples)."""
        loud = self._loud_of(slots, power(frames))
        speaking = self._quiet[slots] < HANGOVER
        run = self._run[slots] = np.where(loud, self._run[slots] + 1, 0)
        counts = np.ones(slots.size, np.int64)
        counts[loud] += (VOWEL_COUNTS - 1) * (likeness(frames[loud]) >= VOWEL)
        worth = self._worth[slots] = np.where(loud, self._worth[slots] + counts, 0)
        voiced = (run >= ONSET) | (loud & speaking)
        started = voiced & ~speaking
        before = np.where(speaking, self._loud[slots], 0)
        count = self._loud[slots] = np.where(started, worth, before + counts * (loud & speaking))
        quiet = self._quiet[slots] = np.where(voiced, 0, self._quiet[slots] + 1)
        sustained = (count >= SUSTAINED) & (before < SUSTAINED)
        return Activity(started, sustained, speaking & (quiet == HANGOVER), voiced)

    def _loud_of(self, slots: _Slots, powers: _Floats) -> _Flags:
        """Where something is louder than the noise; where there is no line yet nothing is."""
        there = (powers > 0) | (self._age[slots] > 0) | (self._absent[slots] >= LATE)
        self._absent[slots] += ~there
        loud = np.zeros(slots.size, bool)
        loud[there] = self._above_noise(slots[there], powers[there])
        return loud

    def _above_noise(self, slots: _Slots, powers: _Floats) -> _Flags:
        age = self._age[slots]
        self._age[slots] = age + 1
        epoch = age // EPOCH % EPOCHS
        first = age % EPOCH == 0
        least = np.where(first & (age > 0), powers, np.minimum(self._least[slots, epoch], powers))
        self._least[slots, epoch] = least
        noise = self._least[slots].min(axis=1)
        loud: _Flags = powers >= np.maximum(noise * np.float32(ABOVE_NOISE), np.float32(QUIET**2))
        return loud
