"""What a recogniser makes of an answer that comes in over a line: cut out by an ear, as in a call."""

from __future__ import annotations

import numpy as np

from media.bus import Bus
from media.ear import Ears
from media.events import UtteranceBegun
from media.frame import Samples
from media.recognition.engine import Recognition, RecognitionEngine, Task, Transcript
from media.track import Hearing, Track


class _Hearer:
    def __init__(self, recognition: Recognition) -> None:
        self._recognition = recognition
        self.transcript = Transcript()

    def hear(self, samples: Samples) -> None:
        self._recognition.hear(samples)

    def pause(self) -> None:
        self._recognition.words(paused=True)

    def finish(self) -> None:
        self.transcript = self._recognition.finish()

    def drop(self) -> None:
        self._recognition.drop()


def listen(engine: RecognitionEngine, samples: Samples, hints: tuple[str, ...] = ()) -> tuple[Transcript, float | None]:
    """What is understood of a line, and after how many seconds it was clear that somebody speaks."""
    bus = Bus(8000, 1)
    ears = Ears(bus, Hearing(bus), lambda act: act())
    hearer = _Hearer(engine.open(Task(8000, "en-US", hints)))
    ears.listen(1, Track(0), hearer)
    begun = None
    for number, frame in enumerate(samples[: samples.size // bus.samples * bus.samples].reshape(-1, bus.samples)):
        bus.rx[0] = frame
        if UtteranceBegun(1) in ears.take() and begun is None:
            begun = number * 0.02
    ears.end_utterance(1, _Hearer(_Nothing()))
    return hearer.transcript, begun


class _Nothing:
    def hear(self, samples: Samples) -> None:
        raise AssertionError(np.size(samples))

    def words(self, *, paused: bool = False) -> str:
        return ""

    def finish(self) -> Transcript:
        return Transcript()

    def drop(self) -> None:
        pass
