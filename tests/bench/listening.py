"""Print how well callers are understood, and what it costs the clock: ``python -m tests.bench.listening [--quick]``.

``--vosk FOLDER`` and ``--whisper FOLDER`` measure these engines as well, with a model that is there.

Voices of espeak-ng and flite speak over a made telephone line, with noise; an ear cuts out what is said as it does in calls.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import argparse
import itertools
import sys
import threading
import time
from collections import Counter, defaultdict
from difflib import SequenceMatcher

import numpy as np

from media.bus import Bus
from media.clock import Clock
from media.events import MediaEvent, UtteranceBegun, UtterancePaused, UtteranceUnderstood
from media.mixer import Mixer
from media.recognition.desk import Desk, Dictation
from media.recognition.engine import RecognitionEngine, Task
from media.recognition.sphinx import Pocketsphinx
from media.recognition.vosk import Vosk
from media.recognition.whisper import Whisper
from media.track import Track
from tests.media.recognition.answers import AROUND, RATIOS, SENTENCES, WORDS, answers, loud_frames
from tests.media.recognition.listener import listen
from voice.listening.recognizers import BUILT_IN
from voice.server import SWITCH_INTERVAL

Ratio = int | None
ROWS, CALLERS, SECONDS = 500, 20, 30


def share(right: Counter[Ratio], all: Counter[Ratio]) -> str:
    """Cells of a table, one for each ratio."""
    return " | ".join(f"{100 * right[ratio] / all[ratio]:.0f} %" if all[ratio] else "" for ratio in RATIOS)


def words_right(answer: str, text: str) -> float:
    """The share of an answer's words that are in the text in their order."""
    wanted, found = answer.lower().split(), text.lower().split()
    return sum(block.size for block in SequenceMatcher(None, wanted, found).get_matching_blocks()) / len(wanted)


KINDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("one of 7 hinted words, right", WORDS, WORDS),
    ("one of 5 hinted sentences, right", SENTENCES, SENTENCES),
    ("the same words without hints, right", WORDS, ()),
    ("the same sentences without hints, words right", SENTENCES, ()),
)
"""What is said, and what is hinted at."""


def print_accuracy(name: str, engine: RecognitionEngine, quick: bool) -> None:
    """One row for each kind of answer."""
    print(f"| {name} | answers | no noise | 20 dB | 10 dB | seconds for a second |\n|---|---|---|---|---|---|")
    delays: list[float] = []
    loud: defaultdict[Ratio, list[float]] = defaultdict(list)
    for kind, texts, hints in KINDS[:2] if quick else KINDS:
        right: Counter[Ratio] = Counter()
        all: Counter[Ratio] = Counter()
        spent = heard = 0.0
        for answer in answers(texts, RATIOS):
            began = time.process_time()
            transcript, begun = listen(engine, answer.samples, hints)
            spent += time.process_time() - began
            heard += answer.samples.size / 8000 - 2 * AROUND
            all[answer.ratio] += 1
            text = "".join(sign for sign in transcript.text.lower() if sign.isalnum() or sign == " ").strip()
            by_words = texts is SENTENCES and not hints
            right[answer.ratio] += words_right(answer.text, text) if by_words else text == answer.text.lower()  # type: ignore[assignment]
            if begun is not None:
                delays.append(begun - AROUND)
                loud[answer.ratio].append(begun + 0.02 - 0.02 * loud_frames(answer)[0])
        print(f"| {kind} | {sum(all.values())} | {share(right, all)} | {spent / heard:.2f} |", flush=True)
    p50, p95 = np.percentile(delays, (50, 95))
    print(f"\nA voice is known for one {1000 * p50:.0f} ms (p50), {1000 * p95:.0f} ms (p95) after its first sound.")
    for ratio, waits in loud.items():
        p50, p95 = np.percentile(waits, (50, 95))
        print(f"{ratio or 'no noise'}: {1000 * p50:.0f} ms (p50), {1000 * p95:.0f} ms (p95) after its first loud one.")
    print()


class Crowd:
    """Many rows of which some speak to machines, over and over, on a real clock."""

    def __init__(self) -> None:
        self.bus = Bus(8000, ROWS)
        self.mixer = Mixer(self.bus, [self], self.post)
        self.clock = Clock(self.mixer.tick)
        self.desk = Desk(BUILT_IN.recipe, self.post, itertools.count(1), processes=BUILT_IN.processes)
        said = [answer.samples for answer in answers(WORDS, (20,))]
        self.voices = [np.roll(np.concatenate(said), 1111 * number * 160) for number in range(CALLERS)]
        self.now = 0
        self.understood = 0
        self.begun = 0
        self.latencies: list[float] = []
        self._over: dict[int, float] = {}
        self._dictations: dict[int, Dictation] = {}
        self._lock = threading.Lock()

    def exchange(self) -> None:
        """The rows say the next frame."""
        place = self.now * self.bus.samples
        for row, voice in enumerate(self.voices):
            start = place % voice.size
            self.bus.rx[row] = np.resize(voice[start : start + self.bus.samples], self.bus.samples)
        self.now += 1

    def post(self, events: list[MediaEvent]) -> None:
        """What a server would do: at a pause, the next utterance."""
        with self._lock:
            for event in events:
                match event:
                    case UtteranceBegun():
                        self.begun += 1
                    case UtterancePaused(row):
                        self._over[self._dictations[row].id] = time.monotonic()
                        self.mixer.taps.ears.end_utterance(row, self._next(row))
                    case UtteranceUnderstood(id) if id in self._over:
                        self.understood += 1
                        self.latencies.append(time.monotonic() - self._over.pop(id))

    def run(self) -> None:
        """Let it go on for a while."""
        self.desk.load()
        for row in range(CALLERS):
            self.mixer.taps.ears.listen(row, Track(row), self._next(row))
        self.clock.start()
        time.sleep(SECONDS)
        self.clock.stop()
        self.desk.close()

    def _next(self, row: int) -> Dictation:
        self._dictations[row] = self.desk.dictation(Task(8000, "en-US", WORDS))
        return self._dictations[row]


def print_load() -> None:
    """The clock while many callers speak at a time."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    crowd = Crowd()
    crowd.run()
    stats = crowd.clock.stats()
    p50, p95 = np.percentile(crowd.latencies, (50, 95))
    print(
        f"\n{CALLERS} of {ROWS} callers speak at once for {SECONDS} s, {crowd.understood} of {crowd.begun} utterances understood: "
        f"tick p50 {1000 * stats.p50:.1f} ms, p99 {1000 * stats.p99:.1f} ms, {stats.late} late; "
        f"text {1000 * p50:.0f} ms (p50), {1000 * p95:.0f} ms (p95) after the pause"
    )


def main() -> None:
    """Read the command line."""
    reader = argparse.ArgumentParser(prog="python -m tests.bench.listening", description=__doc__)
    reader.add_argument("--quick", action="store_true", help="with hints only")
    reader.add_argument("--vosk", metavar="FOLDER", help="of a model")
    reader.add_argument("--whisper", metavar="FOLDER", help="of a model")
    asked = reader.parse_args()
    print_accuracy("pocketsphinx", Pocketsphinx(), asked.quick)
    if asked.vosk:
        print_accuracy("vosk", Vosk(asked.vosk), asked.quick)
    if asked.whisper:
        print_accuracy("whisper", Whisper(asked.whisper), asked.quick)
    print_load()


if __name__ == "__main__":
    main()
