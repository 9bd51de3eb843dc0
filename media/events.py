"""What the media thread reports."""

from __future__ import annotations

from dataclasses import dataclass, field

from media.meter import Sound
from media.recognition.engine import Transcript


@dataclass(frozen=True, slots=True)
class MediaEvent:
    """Something that happened on a row."""


@dataclass(frozen=True, slots=True)
class PlaybackStarted(MediaEvent):
    """The first sample of a playback is in ``tx``. At most once, and before ``PlaybackFinished``."""

    id: int
    """As given to ``Mixer.play``."""


@dataclass(frozen=True, slots=True)
class PlaybackFinished(MediaEvent):
    """A playback is over: its last sample is in ``tx``, or it was stopped or replaced. Exactly once for every playback."""

    id: int
    error: str = ""
    """Why its source failed; empty otherwise."""
    sent: int = field(default=0, compare=False)
    """Samples that were in ``tx``."""


@dataclass(frozen=True, slots=True)
class CueReached(MediaEvent):
    """As many samples of a playback as a ``Mixer.cue`` asked for are in ``tx``. Before ``PlaybackFinished``, if at all."""

    id: int
    """That of the playback."""
    at: int
    """As it was asked for."""


@dataclass(frozen=True, slots=True)
class StreamsMoved(MediaEvent):
    """Frames of streams wait for ``Taps.collect``; not told again before they are collected."""


@dataclass(frozen=True, slots=True)
class DigitHeard(MediaEvent):
    """A key was heard in the audio of a row; once per press, while the key is still down."""

    row: int
    digit: str
    """One of ``0-9 A-D * #``."""


@dataclass(frozen=True, slots=True)
class RecordingStopped(MediaEvent):
    """A recording has taken its last frame. Exactly once for every recording, also for one that could not begin."""

    id: int
    """That of its tape."""
    samples: int
    """Of each channel."""


@dataclass(frozen=True, slots=True)
class RecordingWritten(MediaEvent):
    """All of a recording that stopped is on disk. Exactly once for every recording."""

    id: int
    error: str = ""
    """Why the file is not what was heard; empty otherwise."""


@dataclass(frozen=True, slots=True)
class VoiceStarted(MediaEvent):
    """Somebody speaks on a row whose level is watched."""

    id: int
    """As given to ``Taps.watch_level``."""


@dataclass(frozen=True, slots=True)
class VoiceEnded(MediaEvent):
    """Nobody has spoken for a moment."""

    id: int


@dataclass(frozen=True, slots=True)
class SilenceHeard(MediaEvent):
    """The silence that was waited for is complete; told again after as much silence again."""

    id: int


@dataclass(frozen=True, slots=True)
class SoundMeasured(MediaEvent):
    """What the last 100 ms of a row sounded like."""

    id: int
    """As given to ``Taps.measure``."""
    sound: Sound


@dataclass(frozen=True, slots=True)
class EnvelopeMeasured(MediaEvent):
    """How loud both directions of a row were in the last blocks of 100 ms, up to now."""

    id: int
    """As given to ``Envelopes.draw``."""
    blocks: int
    heard: str
    """What its far end said: two of ``envelope.CODES`` for each block, of the peak and of the root mean square."""
    said: str
    """What its far end heard, likewise."""
    last: bool
    """Nothing follows: the row was given back."""


@dataclass(frozen=True, slots=True)
class UtteranceBegun(MediaEvent):
    """Somebody speaks on a row that is listened to: it is longer than a cough or a click."""

    id: int
    """As given to ``Taps.listen``."""


@dataclass(frozen=True, slots=True)
class UtterancePaused(MediaEvent):
    """Nothing was said for 200 ms; the utterance may be over."""

    id: int


@dataclass(frozen=True, slots=True)
class UtteranceResumed(MediaEvent):
    """It is not over."""

    id: int


@dataclass(frozen=True, slots=True)
class WordsHeard(MediaEvent):
    """What is understood of an utterance so far has changed."""

    id: int
    """Of its dictation."""
    text: str


@dataclass(frozen=True, slots=True)
class UtteranceUnderstood(MediaEvent):
    """What was said. This or ``RecognitionLost`` comes once for every dictation that is finished, unless it is dropped."""

    id: int
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class RecognitionLost(MediaEvent):
    """It will not be known what was said."""

    id: int
    error: str
