"""Recordings as utterances, channel by channel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.errors import NotAudio
from media.frame import Samples
from media.recognition.engine import Sentence, Task, Transcript, Word
from media.recognition.recorded import LONGEST, passages
from media.recognition.worker import Bench, Read, Recipe, Result
from media.wav import header
from tests.media.recordings import said

RATE = 8000


def spoken(seconds: float) -> Samples:
    """Speech without a pause, of any length."""
    return np.resize((16_000 * said("operator", "en-us")).astype(np.int16)[800:4000], round(RATE * seconds))


def silence(seconds: float) -> Samples:
    return np.random.default_rng(0).normal(0, 10, round(RATE * seconds)).astype(np.int16)


def written(path: Path, *channels: list[Samples]) -> Path:
    """A file of some channels, each put together from parts."""
    parts = [np.concatenate(channel) for channel in channels]
    longest = max(part.size for part in parts)
    samples = np.stack([np.concatenate((part, silence((longest - part.size) / RATE))) for part in parts], axis=1)
    path.write_bytes(header(RATE, len(channels), longest) + samples.astype("<i2").tobytes())
    return path


def test_each_channel_is_cut_by_itself(tmp_path: Path) -> None:
    caller = [silence(1), spoken(1), silence(3), spoken(1), silence(2)]
    agent = [silence(3), spoken(1.5), silence(1)]
    found = [
        (each.channel, each.first * 0.02, each.samples.size / RATE)
        for each in passages(written(tmp_path / "a.wav", caller, agent))
    ]
    assert [channel for channel, _, _ in found] == [0, 1, 0]
    assert [first for _, first, _ in found] == pytest.approx([0.6, 2.6, 4.6], abs=0.1)
    assert [seconds for _, _, seconds in found] == pytest.approx([1.7, 2.2, 1.7], abs=0.2)


def test_who_speaks_until_the_end_is_heard_and_who_never_stops_is_cut(tmp_path: Path) -> None:
    found = list(passages(written(tmp_path / "a.wav", [silence(1), spoken(30)])))
    assert len(found) == 2
    assert found[0].samples.size == pytest.approx(LONGEST * 160, abs=1600)
    assert sum(each.samples.size for each in found) == pytest.approx(30 * RATE, rel=0.05)


def test_nothing_is_said_in_silence_and_nothing_is_no_recording(tmp_path: Path) -> None:
    assert list(passages(written(tmp_path / "a.wav", [silence(3)]))) == []
    (tmp_path / "b.wav").write_bytes(b"nonsense")
    with pytest.raises(NotAudio):
        list(passages(tmp_path / "b.wav"))


class Clockwork:
    """A recogniser that hears one word at a time it knows."""

    threads = 1

    def open(self, task: Task) -> Clockwork:
        """See RecognitionEngine."""
        return self

    def hear(self, samples: Samples) -> None:
        """Whatever it is."""

    def drop(self) -> None:
        """Nothing is kept."""

    def words(self, *, paused: bool = False) -> str:
        return ""

    def finish(self) -> Transcript:
        return Transcript("tick", 0.5, (Word("tick", 0.5, 1.0),))


def test_a_transcript_tells_who_said_what_and_when(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", [silence(1), spoken(1), silence(3)], [silence(3), spoken(1), silence(1)])
    bench = Bench(Recipe("tests.media.recognition.test_recorded", "Clockwork").make())
    (report,) = bench.work([Read(1, Task(), path)])
    assert isinstance(report, Result)
    transcript = report.transcript
    assert (transcript.text, transcript.confidence) == ("tick tick", 0.5)
    assert [sentence.channel for sentence in transcript.sentences] == [0, 1]
    for sentence, start in zip(transcript.sentences, (1.1, 3.1), strict=True):
        assert isinstance(sentence, Sentence)
        assert sentence.start == pytest.approx(start, abs=0.1)
        assert sentence.end == pytest.approx(start + 0.5, abs=0.1)
        assert sentence.words == (Word("tick", sentence.start, sentence.end),)
