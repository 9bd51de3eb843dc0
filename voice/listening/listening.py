"""Listening: utterance after utterance is cut out of what is said in a track and taken to a recogniser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from media.activity import HANGOVER
from media.frame import FRAME_SECONDS
from media.recognition.desk import Desk, Dictation
from media.recognition.engine import Task, Transcript
from media.track import Track
from media.turn import USUAL_CERTAINTY, pause_that_ends
from voice.sound.studio import Studio

ANSWER_SECONDS = 15.0
"""How long a recogniser may take for an utterance that is over."""
STALE_SECONDS = 6.0
"""After which a voice that goes on, but of which no more is understood than before, is noise: the utterance is over."""


@dataclass(frozen=True, slots=True)
class Manners:
    """When an utterance is over."""

    silence: float | None = None
    """Seconds without a voice; None is as long as what was said so far suggests."""
    most_seconds: float = 60.0
    certainty: float = USUAL_CERTAINTY
    """How sure one has to be that nothing follows, where ``silence`` does not say."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whom to tell."""

    voice: Callable[[], None]
    """Somebody speaks."""
    words: Callable[[str], None]
    """What is understood so far, whenever it changes."""
    understood: Callable[[Transcript], None]
    """An utterance is over; its text may be empty."""
    failed: Callable[[str], None]
    """An utterance will not be known; the next one may be."""
    goes_on: Callable[[bool], None] = lambda on: None
    """The voice has paused, or is there again."""


class Listening:
    """Listens to a track until it is closed. ``desk`` understands; see VoiceListener and WordListener for what it is told."""

    def __init__(self, studio: Studio, track: Track, desk: Desk, task: Task, manners: Manners, told: Told) -> None:
        self._ears = studio.ears
        self._desk = desk
        self._task = task
        self._manners = manners
        self._told = told
        self._words = ""
        self._speaking = self._desk.dictation(task)
        """What is, or will be, spoken into."""
        self._finished: list[Dictation] = []
        """Those that are over and not understood yet."""
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._ears.follow(self._speaking, self)
        self._begun = False
        """Whether something was said of the utterance that is spoken."""
        self._over: Callable[[], None] = lambda: None
        """Told when all is understood after the end."""
        self._ear = self._ears.listen(track, self._speaking, self)

    def close(self) -> None:
        """Listen no longer, and forget what is not understood yet."""
        self._ear.close()
        for name in list(self._timers):
            self._cancel(name)
        for dictation in (self._speaking, *self._finished):
            self._ears.drop(dictation)

    def finish(self, over: Callable[[], None]) -> None:
        """Listen no longer; ``over`` is told when all that was said is understood, or will not be."""
        self._over = over
        if self._begun:
            self._end()
        self._ear.close()
        self._ears.drop(self._speaking)
        if not self._finished:
            over()

    @property
    def busy(self) -> bool:
        """Whether an utterance goes on, or is not understood yet."""
        return self._begun or bool(self._finished)

    def begin(self) -> None:
        """Somebody speaks."""
        self._begun = True
        self._after("longest", self._manners.most_seconds, self._end)
        self._told.voice()

    def pause(self) -> None:
        """Nothing was said for the hang-over of the ear."""
        silence = self._manners.silence
        if silence is None:
            silence = pause_that_ends(self._words, self._task.hints, self._task.language, self._manners.certainty)
        self._after("pause", max(0.0, silence - HANGOVER * FRAME_SECONDS), self._end)
        self._told.goes_on(False)

    def resume(self) -> None:
        """It goes on."""
        self._cancel("pause")
        self._told.goes_on(True)

    def read(self, dictation: Dictation, words: str) -> None:
        """What is understood so far."""
        if dictation is self._speaking:
            self._words = words
            self._after("stale", STALE_SECONDS, self._end)
            self._told.words(words)

    def understand(self, dictation: Dictation, transcript: Transcript) -> None:
        """All of it."""
        self._settle(dictation)
        self._told.understood(transcript)
        if not self._finished:
            self._over()

    def lose(self, dictation: Dictation, error: str) -> None:
        """It will not be known."""
        if dictation is self._speaking:
            self._turn()
        else:
            self._settle(dictation)
        self._told.failed(error)
        if not self._finished:
            self._over()

    def _settle(self, dictation: Dictation) -> None:
        self._finished.remove(dictation)
        if not self._finished:
            self._cancel("answer")

    def _end(self) -> None:
        """The utterance is over: wait for what it means, and for the next one."""
        self._finished.append(self._speaking)
        self._turn()
        self._after("answer", ANSWER_SECONDS, self._give_up)

    def _turn(self) -> None:
        """The next utterance is another one."""
        for name in ("pause", "stale", "longest"):
            self._cancel(name)
        self._begun = False
        self._speaking, self._words = self._desk.dictation(self._task), ""
        self._ears.follow(self._speaking, self)
        self._ear.end_utterance(self._speaking)

    def _give_up(self) -> None:
        for dictation in self._finished:
            self._ears.drop(dictation)
        self._finished.clear()
        self._told.failed(f"the recogniser gave no answer within {ANSWER_SECONDS:.0f} s")
        self._over()

    def _after(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        self._cancel(name)
        self._timers[name] = asyncio.get_running_loop().call_later(seconds, act)

    def _cancel(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
