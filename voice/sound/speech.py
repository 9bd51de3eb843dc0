"""What a Say asks for, as the speaker takes it; what cannot be had is a warning in the call's journal (spec section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from markup import commands
from markup.speech import Break, Utterance, Words
from markup.verbs import Say
from media.speech.passage import Passage, Silence
from media.speech.voices import Cast, Voices
from voice.calls.session import Session
from voice.errors import SettingsInvalid
from voice.settings import SpeechEngines

BAD_VOICE, BAD_LANGUAGE = 13511, 13512
_KANJI = re.compile("[\u3400-\u9fff]")


def choose_voices(speech: SpeechEngines, exists: Callable[[str], bool]) -> Voices:
    """The voices that the settings ask for; raises SettingsInvalid for one that the engine does not have."""
    voices = Voices(speech.voices, speech.languages, voice=speech.voice, language=speech.language)
    for name, there in voices.engine_names():
        if not exists(there):
            raise SettingsInvalid(f"speech: {name} = {there!r} is no voice that {speech.tts} has")
    usual = voices.cast()
    if not usual.voice_known:
        raise SettingsInvalid(f"speech.voice: no voice {speech.voice!r} is known")
    if not usual.language_known:
        raise SettingsInvalid(f"speech.language: {speech.tts} does not speak {speech.language!r}")
    return voices


def passages(utterance: Utterance) -> list[Passage | Silence]:
    """The parts of an utterance."""
    return [
        Silence(part.seconds)
        if isinstance(part, Break)
        else Passage(
            part.text,
            language=part.manner.language,
            rate=part.manner.rate,
            pitch=part.manner.pitch,
            volume=part.manner.volume,
            reading=part.interpret_as,
            format=part.format,
            alphabet=part.alphabet,
            phonemes=part.phonemes,
            role=part.role,
        )
        for part in utterance.parts
    ]


def cast(session: Session, speech: commands.Speech) -> Cast:
    """Who speaks; the journal is told when that is not who was asked for."""
    chosen = session.resources.studio.speaker.voices.cast(speech.voice, speech.language)
    for code, message in doubts(chosen, speech):
        session.perform(session, commands.Report(code, message))
    return chosen


def doubts(chosen: Cast, speech: commands.Speech | Say) -> Iterator[tuple[int, str]]:
    """Codes and words for what is not as it was asked for."""
    if not chosen.voice_known:
        yield BAD_VOICE, f"no voice {speech.voice[:60]!r} is known: {chosen.name} speaks instead"
    elif not chosen.agree:
        yield BAD_LANGUAGE, f"{speech.voice} speaks {chosen.language}, not {speech.language[:60]}"
    if not chosen.language_known and chosen.voice_known:
        yield BAD_LANGUAGE, f"{chosen.language[:60]!r} is not spoken here: {chosen.name} does as well as it can"
    words = [part for part in speech.text.parts if isinstance(part, Words) and not part.phonemes]
    for tongue in sorted({part.manner.language for part in words}):
        if tongue and not chosen.speaks(tongue):
            yield BAD_LANGUAGE, f"{tongue[:60]!r} is not spoken here: {chosen.speaking(tongue)} does as well as it can"
    if any(_KANJI.search(part.text) and chosen.speaking(part.manner.language).startswith("ja") for part in words):
        yield BAD_LANGUAGE, "the Japanese voice reads kana only: each kanji is called a Chinese letter"
