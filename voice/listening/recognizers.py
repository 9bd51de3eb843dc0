"""Who understands whom: the recognition engines of one server, chosen by language and speech model."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from media.errors import EngineMissing
from media.recognition.desk import Desk, Dictation, Post
from media.recognition.engine import ANY_LANGUAGE, Task, Transcript
from media.recognition.worker import Recipe
from voice.errors import SettingsInvalid, TranscriptionFailed
from voice.listening.ears import StudioEars
from voice.settings import Recognizer as RecognizerSettings
from voice.settings import SpeechEngines

DEFAULT_LANGUAGE = "en-US"
AVOIDED_SECONDS = 30.0
"""So long is another engine asked where one has failed."""
TRANSCRIPTION_SECONDS, PATIENCE = 600.0, 4.0
"""How long a recording that is transcribed may take, and how much longer for each of its seconds."""
_FILES_NICENESS = 10
"""Recordings can wait, callers cannot."""


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One engine, as it was configured."""

    name: str
    recipe: Recipe
    languages: tuple[str, ...] = ()
    """BCP 47, or the first part of it; empty is every language."""
    models: tuple[str, ...] = ()
    """``speechModel`` of TwiML that asks for this one."""
    processes: int = 1
    finds_out: bool = False
    """Whether it can tell which language is spoken."""
    reads_along: bool = True
    """Whether it tells words as they are spoken, and does not wait for the end of an utterance."""

    def understands(self, language: str) -> bool:
        """Whether a language is one of its own."""
        tag = language.lower()
        if tag == ANY_LANGUAGE:
            return self.finds_out
        return not self.languages or any(tag == known or tag.startswith(known + "-") for known in map(str.lower, self.languages))


BUILT_IN = Recognizer("pocketsphinx", Recipe("media.recognition.sphinx", "Pocketsphinx"), ("en",), processes=2)


def configured(tables: Iterable[RecognizerSettings]) -> list[Recognizer]:
    """The recognisers of the settings, and behind them the one that is built in."""
    return [*map(_configured, tables), BUILT_IN]


def _configured(table: RecognizerSettings) -> Recognizer:
    match table.engine:
        case "vosk":
            recipe = Recipe("media.recognition.vosk", "Vosk", {"model": table.model})
        case "whisper":
            recipe = Recipe("media.recognition.whisper", "Whisper", {"model": table.model})
        case "http":
            options = {"url": table.url, "model": table.model, "api_key": table.api_key}
            recipe = Recipe("media.recognition.remote", "Remote", options)
    whole = table.engine in ("whisper", "http")
    return Recognizer(
        table.name, recipe, table.languages, table.speech_models, table.processes, finds_out=whole, reads_along=not whole
    )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who understands one caller."""

    name: str
    desk: Desk
    language: str
    """The one that was asked for, or the one that is understood instead."""
    reads_along: bool = True
    """See Recognizer."""
    stands_in: bool = False
    """Whether it does so for one that has failed lately."""


class Recognizers:
    """The engines of one server; ``usual`` is the name of the one for whom nothing speaks or all.

    Their processes start when they are needed. ``inline`` is for tests under a virtual clock.
    """

    def __init__(self, engines: Iterable[Recognizer], usual: str, post: Post, *, inline: bool = False) -> None:
        self._engines = {engine.name: engine for engine in engines}
        self._usual = self._engines[usual]
        self._post = post
        self._ids = itertools.count(1)
        self._inline = inline
        self._avoided: dict[tuple[str, str], float] = {}
        """Until when whom for which language."""
        self._desks: dict[str, Desk] = {}
        self._files: dict[str, Desk] = {}

    @property
    def waiting(self) -> int:
        """Orders that no process has taken yet."""
        return sum(desk.waiting for desk in self._desks.values())

    async def load(self) -> None:
        """Load what was configured; the built-in engine waits until it is needed. Raises SettingsInvalid."""
        for engine in self._engines.values():
            if engine is not BUILT_IN:
                try:
                    await asyncio.to_thread(self._desk(engine).load)
                except EngineMissing as error:
                    raise SettingsInvalid(f"recognizer {engine.name!r}: {error}") from error

    def choose(self, language: str, model: str, provider: str = "", hints: Collection[str] = ()) -> Chosen:
        """Who understands a language, with a ``speechModel`` and a provider of TwiML.

        One that has the provider's name comes first, then one that is configured for the model, then one for the language, then
        the usual one. If nobody understands it, the usual one listens for English.

        Where that one has failed lately, the next of them stands in; but the built-in one only where there are ``hints``: without
        them it would make words that nobody has said.
        """
        ranked = self._rank(language, model, provider)
        if not ranked:
            return Chosen(self._usual.name, self._desk(self._usual), DEFAULT_LANGUAGE, self._usual.reads_along)
        now = asyncio.get_running_loop().time()
        others = [each for each in ranked[1:] if each is not BUILT_IN or hints]
        fit = [each for each in (ranked[0], *others) if self._avoided.get((each.name, language), now) <= now]
        chosen = fit[0] if fit else ranked[0]
        return Chosen(chosen.name, self._desk(chosen), language, chosen.reads_along, chosen is not ranked[0])

    def avoid(self, failed: Chosen) -> None:
        """Ask another one for a while, if there is one: this one has failed."""
        now = asyncio.get_running_loop().time()
        self._avoided = {each: until for each, until in self._avoided.items() if until > now}
        self._avoided[failed.name, failed.language] = now + AVOIDED_SECONDS

    def understands(self, language: str) -> bool:
        """Whether there is anybody who understands a language."""
        return bool(self._rank(language))

    def _rank(self, language: str, model: str = "", provider: str = "") -> list[Recognizer]:
        """Who understands a language, the fittest first."""
        able = [engine for engine in self._engines.values() if engine.understands(language)]
        named = [engine for engine in able if provider and engine.name.lower() == provider.lower()]
        asked = [engine for engine in able if model in engine.models]
        special = [engine for engine in able if engine.languages and engine is not BUILT_IN]
        usual = [self._usual] if self._usual in able else []
        return list({each.name: each for each in (*named, *asked, *special, *usual, *able)}.values())

    def dictate_file(self, task: Task) -> Dictation:
        """Take a recording: it is understood by a process that leaves the callers their processor time.

        As in ``choose``, the language says who that is.
        """
        engine = next(iter(self._rank(task.language)), self._usual)
        if engine.name not in self._files:
            self._files[engine.name] = Desk(engine.recipe, self._post, self._ids, niceness=_FILES_NICENESS, inline=self._inline)
        return self._files[engine.name].dictation(task)

    def close(self) -> None:
        """End all processes."""
        for desk in (*self._desks.values(), *self._files.values()):
            desk.close()

    def _desk(self, engine: Recognizer) -> Desk:
        if engine.name not in self._desks:
            self._desks[engine.name] = Desk(engine.recipe, self._post, self._ids, processes=engine.processes, inline=self._inline)
        return self._desks[engine.name]


def make_recognizers(
    speech: SpeechEngines, tables: Iterable[RecognizerSettings], post: Post, *, inline: bool = False
) -> Recognizers:
    """Those of the settings."""
    return Recognizers(configured(tables), speech.asr, post, inline=inline)


class FileTranscriber:
    """Transcribes recordings; see ``voice.listening.transcription.Transcriber``."""

    def __init__(self, recognizers: Recognizers, ears: StudioEars) -> None:
        self._recognizers = recognizers
        self._ears = ears

    async def transcribe(self, path: Path, language: str, seconds: float) -> Transcript:
        """See Transcriber."""
        dictation = self._recognizers.dictate_file(Task(language=language))
        answer = _Answer()
        self._ears.follow(dictation, answer)
        dictation.read(path)
        patience = TRANSCRIPTION_SECONDS + PATIENCE * seconds
        try:
            async with asyncio.timeout(patience):
                transcript = await answer.transcript
        except TimeoutError:
            self._ears.drop(dictation)
            raise TranscriptionFailed(f"the recogniser took longer than {patience:.0f} s") from None
        if not transcript.text:
            raise TranscriptionFailed("nothing in it was understood")
        return transcript


class _Answer:
    """What becomes of one dictation. See WordListener."""

    def __init__(self) -> None:
        self.transcript: asyncio.Future[Transcript] = asyncio.get_running_loop().create_future()

    def read(self, dictation: Dictation, words: str) -> None:
        """Only the end counts."""

    def understand(self, dictation: Dictation, transcript: Transcript) -> None:
        if not self.transcript.done():
            self.transcript.set_result(transcript)

    def lose(self, dictation: Dictation, error: str) -> None:
        if not self.transcript.done():
            self.transcript.set_exception(TranscriptionFailed(error))
