"""The utterances of a recording: what is said in each channel of a file, cut where nobody speaks there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from media import wav
from media.activity import VoiceActivity
from media.ear import BEFORE, BEHIND
from media.frame import FRAMES_PER_SECOND, Samples, frame_size
from media.wav import read_form

PAUSE = 35
"""Frames without a voice between two utterances: 0.7 s."""
LONGEST = 20 * FRAMES_PER_SECOND
"""Frames of one utterance."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """One utterance."""

    channel: int
    """From 0."""
    first: int
    """The frame at which it begins."""
    samples: Samples


def passages(path: Path) -> Iterator[Passage]:
    """What is said in a file, in the order in which it ends; of a file that is long, little is in memory at a time.

    Raises NotAudio and OSError.
    """
    channels = read_form(path).channels
    activity, slots = VoiceActivity(channels), np.arange(channels)
    for slot in slots.tolist():
        activity.clear(slot)
    cutters = [_Cutter(channel) for channel in range(channels)]
    for frame in _frames(path):
        heard = activity.hear(slots, frame)
        marks = zip(cutters, frame, heard.started.tolist(), heard.sustained.tolist(), heard.loud.tolist(), strict=True)
        for cutter, samples, started, sustained, loud in marks:
            yield from cutter.take(samples, started=started, sustained=sustained, loud=loud)
    for cutter in cutters:
        yield from cutter.finish()


def _frames(path: Path) -> Iterator[Samples]:
    """Frame after frame, shape (channels, samples); what is left at the end is less than one."""
    size = frame_size(read_form(path).rate)
    rest: Samples | None = None
    for piece in wav.pieces(path):
        whole = piece if rest is None else np.concatenate((rest, piece))
        count = len(whole) // size
        for number in range(count):
            yield whole[number * size : (number + 1) * size].T
        rest = whole[count * size :]


class _Cutter:
    """Cuts one channel."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._kept: list[Samples] = []
        self._offset = 0
        """The frame that is kept longest."""
        self._now = 0
        self._first = 0
        self._loud = -1
        """The last loud frame of the utterance; -1 between two."""
        self._sustained = False

    def take(self, samples: Samples, *, started: bool, sustained: bool, loud: bool) -> Iterator[Passage]:
        """Hear the next frame; the utterance that is over by it."""
        now = self._now
        self._kept.append(samples)
        if started and self._loud < 0:
            self._first = max(self._offset, now - BEFORE)
        self._sustained = self._sustained or sustained
        if loud:
            self._loud = now
        self._now = now + 1
        if self._loud < 0:
            self._forget(max(self._offset, now + 1 - BEFORE))
        elif now - self._loud >= PAUSE:
            yield from self._cut(min(self._loud + 1 + BEHIND, now + 1))
        elif now - self._first >= LONGEST:
            goes_on = self._sustained
            yield from self._cut(now + 1)
            self._first, self._sustained = now + 1, goes_on

    def finish(self) -> Iterator[Passage]:
        """That was all; the utterance that is over by it."""
        if self._loud >= 0:
            yield from self._cut(min(self._loud + 1 + BEHIND, self._now))

    def _cut(self, last: int) -> Iterator[Passage]:
        if self._sustained:
            frames = self._kept[self._first - self._offset : last - self._offset]
            yield Passage(self._channel, self._first, np.concatenate(frames))
        self._loud, self._sustained = -1, False
        self._forget(self._now)

    def _forget(self, before: int) -> None:
        del self._kept[: before - self._offset]
        self._offset = before
