"""Texts as sources that can be played at once, while the speech is still being made.

A text is spoken phrase by phrase on one worker thread, which serves all texts in turn: it makes some seconds of one, goes
on to the next, and comes back when the listener has heard half of what was made.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count

import numpy as np

from media.beep import bleep
from media.errors import SpeechFailed, VoiceMissing
from media.frame import Samples
from media.source import Clip, SampleQueue, Source
from media.speech.cache import SpeechCache
from media.speech.engine import SpeechEngine
from media.speech.passage import Passage, Silence
from media.speech.phrases import Phrase
from media.speech.resampling import resample
from media.speech.score import Bleep, Line, Spoken, compose
from media.speech.shelf import SpeechShelf
from media.speech.voices import Cast, Voices

AHEAD_SECONDS = 10
"""How much of a text is made before its listener has heard the beginning."""
CACHE_BYTES = 64 << 20
"""Default size of the cache: more than an hour of prompts at 8 kHz."""
_CLOSED = "the speaker is closed"

Remark = Callable[[str], None]
"""Takes what is not as it was asked for."""

_log = logging.getLogger("media.speech")


@dataclass(frozen=True, slots=True)
class _Job:
    """One text under way."""

    queue: SampleQueue
    chunks: Iterator[Samples]


class Speaker:
    """Speaks texts at ``rate`` samples per second; what was made is kept in memory, and on the ``shelf`` if there is one.

    ``workers`` texts are made at a time: more than one helps where an engine waits for somebody else. With ``inline`` there is
    no worker thread: ``speak`` and later the reader of its source make the samples themselves,
    for tests under a virtual clock.
    """

    def __init__(
        self,
        engine: SpeechEngine,
        rate: int,
        voices: Voices | None = None,
        *,
        cache_bytes: int = CACHE_BYTES,
        shelf: SpeechShelf | None = None,
        inline: bool = False,
        workers: int = 1,
    ) -> None:
        self.voices = voices or Voices()
        """Who may be asked to speak."""
        self._engine = engine
        self._rate = rate
        self._cache = SpeechCache(cache_bytes)
        self._shelf = shelf
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._submit: Callable[[_Job], None] = self._run_inline if inline else self._hand_over
        self._workers = [
            threading.Thread(target=self._work, name=f"speech-{number}", daemon=True)
            for number in range(0 if inline else workers)
        ]
        for worker in self._workers:
            worker.start()

    def speak(self, passages: Iterable[Passage | Silence], cast: Cast, loop: int = 1) -> Source:
        """A source of passages, spoken ``loop`` times (0: without end); returns at once.

        Of texts longer than 4096 characters together the rest is left out. What cannot be spoken gives a source that ends
        with an error.
        """
        lines = compose(passages, cast)
        match lines:
            case [Spoken(phrase, voice)] if (known := self._cache.get(phrase, voice)) is not None:
                return Clip(known, loop)
        spoken = SampleQueue(AHEAD_SECONDS * self._rate)
        self._submit(_Job(spoken, self._rounds(lines, loop, spoken.remark)))
        return spoken

    def close(self) -> None:
        """End the workers; what is not spoken yet fails."""
        self._closed = True
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            worker.join()

    def _rounds(self, lines: list[Line], loop: int, remark: Remark) -> Iterator[Samples]:
        audible = not any(isinstance(line, Spoken) and line.phrase.loud for line in lines)
        for number in count(1):
            made = 0
            for line in lines:
                for chunk in self._line(line, remark):
                    made += chunk.size
                    audible = audible or (isinstance(line, Spoken) and bool(chunk.any()))
                    yield chunk
            if not (made and audible):
                raise SpeechFailed("nothing in the text can be spoken")
            if number == loop:
                return

    def _line(self, line: Line, remark: Remark) -> Iterator[Samples]:
        match line:
            case Spoken():
                yield from self._spoken(line, remark)
            case Silence(seconds):
                second = np.zeros(self._rate, np.int16)  # again and again: a long silence takes no memory
                for left in range(round(seconds * self._rate), 0, -second.size):
                    yield second[:left]
            case Bleep(seconds):
                yield bleep(seconds, self._rate)

    def _spoken(self, line: Spoken, remark: Remark) -> Iterator[Samples]:
        """A phrase; where its voice cannot be had, the usual engine stands in, unless something was heard already."""
        begun = False
        try:
            for samples in self._phrase(line.phrase, line.voice):
                begun = True
                yield samples
        except VoiceMissing as failure:
            instead = "the rest of a phrase is missing" if begun else f"{line.stand_in} stands in"
            _log.warning("%s: %s", failure, instead)
            remark(f"{failure}: {instead}")
            if not begun:
                yield from self._phrase(line.phrase, line.stand_in)

    def _phrase(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        known = self._known(phrase, voice)
        if known is not None:
            yield known
            return
        made = []
        for samples in resample(self._engine.speak(phrase, voice), self._engine.rate, self._rate):
            made.append(samples)
            yield samples
        whole = np.concatenate(made) if made else np.zeros(0, np.int16)
        self._cache.put(phrase, voice, whole)
        if self._shelf is not None:
            self._shelf.put(phrase, voice, whole)

    def _known(self, phrase: Phrase, voice: str) -> Samples | None:
        """What was made already, before a restart as well."""
        known = self._cache.get(phrase, voice)
        if known is None and self._shelf is not None and (known := self._shelf.get(phrase, voice)) is not None:
            self._cache.put(phrase, voice, known)
        return known

    def _hand_over(self, job: _Job) -> None:
        self._jobs.put(job)
        # Checked after the put: a worker that has ended by now may have left it there.
        if self._closed:
            job.queue.fail(_CLOSED)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._step(job):
                self._hand_over(job)

    def _run_inline(self, job: _Job) -> None:
        while self._step(job):
            pass

    def _step(self, job: _Job) -> bool:
        """Make the next piece of a text; returns whether it is to go on right away."""
        spoken = job.queue
        if spoken.closed:
            return False
        if self._closed:
            spoken.fail(_CLOSED)
            return False
        try:
            spoken.push(next(job.chunks))
        except StopIteration:
            spoken.end()
            return False
        except Exception as failure:  # noqa: BLE001 - an engine may fail in any way, and the next text needs this thread
            spoken.fail(str(failure) or repr(failure))
            return False
        return not (spoken.full and spoken.when_drained(partial(self._submit, job)))
