"""Who has answered: a person, a machine, a fax (spec section 3.5).

Sounds go in, one per 100 ms, and at some point a verdict comes out, with its reasons. Time is counted in sounds.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from media.cadence import HUM, Cadence
from media.meter import BLOCK_MS, Sound, Tone

Mode = Literal["Enable", "DetectMessageEnd"]
AnsweredBy = Literal["human", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax", "unknown"]
Hertz = tuple[float, float]
Milliseconds = tuple[int, int]

BEEP: Hertz = (350, 2500)
BEEP_MS: Milliseconds = (80, 3000)
CLEAR_MS = 200
"""A beep as long as this is told from speech by that alone."""
LOW_BEEP_MS = 240
"""The least that one lasts which a voice could hum too. Before anybody has spoken it is none at all but ringing or busy (ITU-T
E.180)."""
ALONE = 10.0
"""dB by which other beeps are louder than what is before and after them."""
LONE_BEEP_MS = 1000
"""Silence after a beep without a greeting."""
CED: Hertz = (2075, 2125)
"""2100 +-15 (ITU-T T.30), and what noise adds."""
CED_MS = 1200
CNG: Hertz = (1055, 1145)
"""1100 +-38 (ITU-T T.30)."""
CNG_MS: Milliseconds = (340, 640)
CNG_PAUSE_MS: Milliseconds = (2300, 3800)
SIT_MS: Milliseconds = (200, 450)
"""Each of the three rising special information tones lasts 330 +-70 ms (ITU-T E.180)."""
SIT_GAP_MS = 200


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a customer may tune; milliseconds."""

    speech: int = 2400
    """More speech than this is a machine's."""
    speech_end: int = 1200
    """Silence that ends what is said."""
    silence: int = 5000
    """Silence from the start after which nobody is there."""
    timeout: int = 30_000
    """When to give up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who it was."""

    answered_by: AnsweredBy
    milliseconds: int
    """How long it took to know."""
    reasons: tuple[str, ...]
    """What was heard that led to it."""


class _Phase(enum.Enum):
    ANYBODY = "nobody is ruled out"
    MACHINE = "a machine speaks, its end is awaited"


@dataclass(frozen=True, slots=True)
class _Heard:
    """A single tone that ended; milliseconds from the answer."""

    hertz: float
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def within(self, hertz: Hertz) -> bool:
        return hertz[0] <= self.hertz <= hertz[1]

    def lasts(self, milliseconds: Milliseconds) -> bool:
        return milliseconds[0] <= self.length <= milliseconds[1]


@dataclass(frozen=True, slots=True)
class _Finding:
    answered_by: AnsweredBy | None
    """None: a machine, and the end of its greeting is still to come."""
    reason: str


class AnswerDetector:
    """Classifies one call."""

    def __init__(self, mode: Mode, thresholds: Thresholds) -> None:
        self.cadence = Cadence()
        self._mode = mode
        self._thresholds = thresholds
        self._phase = _Phase.ANYBODY
        self.reasons: tuple[str, ...] = ()
        """What was heard so far that counts."""
        self._tones: list[_Heard] = []
        self._standing: Tone | None = None
        """The tone that goes on."""

    @property
    def elapsed(self) -> int:
        """Milliseconds of sound so far."""
        return len(self.cadence.sounds) * BLOCK_MS

    def hear(self, sound: Sound) -> Verdict | None:
        """Take the next 100 ms; the verdict, once there is one."""
        self.cadence.hear(sound)
        tone = sound.tone
        self._standing = None if tone is None or tone.over else tone
        if tone is not None and tone.over:
            self._tones.append(_Heard(tone.hertz, self.elapsed - tone.milliseconds, self.elapsed))
        for rule in _RULES[self._phase]:
            finding = rule(self)
            if finding is not None:
                return self._conclude(finding)
        return None

    def _conclude(self, finding: _Finding) -> Verdict | None:
        self.reasons += (finding.reason,)
        answered_by = finding.answered_by
        if self._mode == "Enable" and answered_by in _MACHINE:
            answered_by = "machine_start"
        if answered_by is None:
            self._phase = _Phase.MACHINE
            return None
        return Verdict(answered_by, self.elapsed, self.reasons)

    def _fax(self) -> _Finding | None:
        answering = sum(tone.length for tone in self._tones if tone.within(CED))
        if self._standing is not None and CED[0] <= self._standing.hertz <= CED[1]:
            answering += self._standing.milliseconds
        if answering >= CED_MS:
            return _Finding("fax", f"a fax answers: 2100 Hz for {_seconds(answering)}")
        calling = [tone for tone in self._tones if tone.within(CNG) and tone.lasts(CNG_MS)]
        for one, other in pairwise(calling):
            if CNG_PAUSE_MS[0] <= other.start - one.end <= CNG_PAUSE_MS[1]:
                return _Finding("fax", f"a fax calls: 1100 Hz twice, {_seconds(other.start - one.end)} apart")
        return None

    def _beep(self) -> _Finding | None:
        tone = self._tones[-1] if self._tones else None
        if tone is None or not (tone.within(BEEP) and tone.lasts(BEEP_MS)):
            return None
        reason = f"a beep of {tone.hertz:.0f} Hz for {_seconds(tone.length)}"
        if any(phrase.start * BLOCK_MS < tone.start for phrase in self.cadence.phrases):
            just_over = self.elapsed - tone.end <= BLOCK_MS
            return _Finding("machine_end_beep", reason) if just_over and self._is_no_voice(tone) else None
        return _Finding("machine_end_beep", f"{reason} without a greeting") if self._stands_alone(tone) else None

    def _is_no_voice(self, tone: _Heard) -> bool:
        if tone.hertz >= HUM and tone.length >= CLEAR_MS:
            return True
        sounds = self.cadence.sounds
        before, after = tone.start // BLOCK_MS - 2, tone.end // BLOCK_MS
        if (tone.hertz < HUM and tone.length < LOW_BEEP_MS) or before < 0 or after >= len(sounds):
            return False
        loudest = max(sound.high for sound in sounds[before:after])
        return max(sounds[before].level, sounds[after].level) <= loudest - ALONE

    def _stands_alone(self, tone: _Heard) -> bool:
        """Of a tone before anything was said: it is not ringing, not a fax that calls, not the first of several."""
        fax = tone.within(CNG) and tone.lasts(CNG_MS)
        pause = CNG_PAUSE_MS[1] if fax else LONE_BEEP_MS
        return tone.hertz >= HUM and len(self._tones) == 1 and self.cadence.silence >= pause

    def _announcement(self) -> _Finding | None:
        tones = self._tones[-3:]
        if len(tones) < 3 or not all(tone.lasts(SIT_MS) for tone in tones):
            return None
        steps = list(pairwise(tones))
        if all(one.hertz * 1.1 < other.hertz and other.start - one.end <= SIT_GAP_MS for one, other in steps):
            return _Finding(None, "special information tones")
        return None

    def _greeting(self) -> _Finding | None:
        speech = self.cadence.speech
        if speech < self._thresholds.speech:
            return None
        return _Finding(None, f"{_seconds(speech)} of speech")

    def _end_of_greeting(self) -> _Finding | None:
        silence = self.cadence.silence
        return _Finding("machine_end_silence", f"then {_seconds(silence)} of silence") if self._is_over(silence) else None

    def _person(self) -> _Finding | None:
        speech, silence = self.cadence.speech, self.cadence.silence
        if not speech or not self._is_over(silence):
            return None
        return _Finding("human", f"{_seconds(speech)} of speech, then {_seconds(silence)} of silence")

    def _nobody(self) -> _Finding | None:
        silence = self.cadence.silence
        if self.cadence.phrases or silence < self._thresholds.silence:
            return None
        return _Finding("unknown", f"{_seconds(silence)} of silence and nobody spoke")

    def _timeout(self) -> _Finding | None:
        if self.elapsed < self._thresholds.timeout:
            return None
        answered_by: AnsweredBy = "machine_end_other" if self._phase is _Phase.MACHINE else "unknown"
        return _Finding(answered_by, f"no decision after {_seconds(self.elapsed)}")

    def _is_over(self, silence: int) -> bool:
        return silence >= self._thresholds.speech_end


_MACHINE = (None, "machine_end_beep", "machine_end_silence", "machine_end_other")

_RULES: dict[_Phase, tuple[Callable[[AnswerDetector], _Finding | None], ...]] = {
    _Phase.ANYBODY: (
        AnswerDetector._fax,
        AnswerDetector._beep,
        AnswerDetector._announcement,
        AnswerDetector._greeting,
        AnswerDetector._person,
        AnswerDetector._nobody,
        AnswerDetector._timeout,
    ),
    _Phase.MACHINE: (
        AnswerDetector._fax,
        AnswerDetector._beep,
        AnswerDetector._end_of_greeting,
        AnswerDetector._timeout,
    ),
}
"""What may be found in each phase; the first finding counts."""


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"
