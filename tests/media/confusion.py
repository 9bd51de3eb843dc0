"""How often recordings are taken for what they are: a table of what was made against what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from media.answering import AnswerDetector, Mode, Thresholds, Verdict
from media.frame import FRAMES_PER_SECOND
from media.meter import Sound, SoundMeter
from tests.media.recordings import RATE, Recording

AT_ONCE = 128
"""Recordings that are measured side by side."""
EXPECTED = {"person": "human", "company": "human", "fax": "fax", "silence": "unknown", "ringing": "unknown"}


def listen(recordings: Sequence[Recording]) -> list[list[Sound]]:
    """What every 100 ms of each recording sound like."""
    sounds: list[list[Sound]] = [[] for _ in recordings]
    size = RATE // FRAMES_PER_SECOND
    order = sorted(range(len(recordings)), key=lambda index: recordings[index].samples.size)
    for start in range(0, len(order), AT_ONCE):
        chosen = order[start : start + AT_ONCE]
        longest = max(recordings[index].samples.size for index in chosen)
        rx = np.zeros((len(chosen), -(-longest // size) * size), np.int16)
        meter = SoundMeter(len(chosen), RATE)
        for row, index in enumerate(chosen):
            rx[row, : recordings[index].samples.size] = recordings[index].samples
            meter.enable(row, True)
        for frame in range(rx.shape[1] // size):
            for row, sound in meter.measure(rx[:, frame * size : (frame + 1) * size]):
                sounds[chosen[row]].append(sound)
    return sounds


def judge(sounds: Iterable[Sound], mode: Mode, thresholds: Thresholds | None = None) -> Verdict:
    """The verdict on one recording; ``unknown`` when it ends before there is one."""
    detector = AnswerDetector(mode, thresholds or Thresholds())
    for sound in sounds:
        verdict = detector.hear(sound)
        if verdict is not None:
            return verdict
    return Verdict("unknown", detector.elapsed, ("the recording ended",))


def expected(recording: Recording, mode: Mode) -> str:
    """What the verdict should be."""
    if recording.kind == "machine":
        return "machine_start" if mode == "Enable" else f"machine_end_{recording.ending}"
    return EXPECTED[recording.kind]


class Confusion:
    """Counts of (what it is, what it was taken for)."""

    def __init__(self, mode: Mode, recordings: Sequence[Recording], sounds: Sequence[Iterable[Sound]]) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.right: Counter[tuple[str, int | None]] = Counter()
        """By kind and ratio of speech to noise."""
        self.all: Counter[tuple[str, int | None]] = Counter()
        self.mistakes: list[tuple[Recording, Verdict]] = []
        for recording, heard in zip(recordings, sounds, strict=True):
            verdict = judge(heard, mode)
            kind = recording.kind if mode == "Enable" or not recording.ending else f"{recording.kind}, {recording.ending}"
            self.counts[kind, verdict.answered_by] += 1
            self.all[kind, recording.ratio] += 1
            if verdict.answered_by == expected(recording, mode):
                self.right[kind, recording.ratio] += 1
            else:
                self.mistakes.append((recording, verdict))

    def share(self, kind: str, *ratios: int | None) -> float:
        """The part of one kind that was taken for what it is, on lines with these ratios of speech to noise."""
        return sum(self.right[kind, ratio] for ratio in ratios) / sum(self.all[kind, ratio] for ratio in ratios)

    def rows(self) -> Iterator[str]:
        """The table in Markdown."""
        found = sorted({found for _, found in self.counts})
        ratios = sorted({ratio for _, ratio in self.all}, key=lambda ratio: (ratio is not None, -(ratio or 0)))
        names = [f"{ratio} dB" if ratio is not None else "no noise" for ratio in ratios]
        yield f"| what it is | recordings | {' | '.join(f'`{each}`' for each in found)} | {' | '.join(names)} |"
        yield f"|---|---|{'---|' * (len(found) + len(ratios))}"
        for kind in dict.fromkeys(kind for kind, _ in self.counts):
            numbers = [str(self.counts[kind, each] or "") for each in found]
            shares = [f"{100 * self.share(kind, ratio):.0f} %" if self.all[kind, ratio] else "" for ratio in ratios]
            total = sum(count for (each, _), count in self.counts.items() if each == kind)
            yield f"| {kind} | {total} | {' | '.join(numbers)} | {' | '.join(shares)} |"
