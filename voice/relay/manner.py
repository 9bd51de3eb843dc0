"""How a conversation is spoken and heard: the attributes of the relay, and what its Language nouns say differently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from markup.readers import hints_of
from markup.verbs import ConversationRelay, Language
from media.recognition.engine import ANY_LANGUAGE
from media.speech.voices import DEFAULT_LANGUAGE, Cast, Voices
from media.turn import USUAL_CERTAINTY
from voice.listening.listening import Manners
from voice.settings import Synthesizer

BACKCHANNEL = frozenset(("", "uh", "uh huh", "uh-huh", "mhm", "mm", "hm", "hmm", "yeah", "yes", "okay", "ok", "right", "sure"))
"""What people say to show that they listen."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the caller is understood."""

    language: str
    model: str
    hints: tuple[str, ...]
    provider: str = ""


_CATALOGUES = {"amazon": "Polly.", "google": "Google."}
"""What TwiML puts before the names of a provider's voices in Say, and leaves out here."""


class Manner:
    """What is spoken and heard at this moment."""

    def __init__(self, noun: ConversationRelay, synthesizers: Iterable[Synthesizer] = ()) -> None:
        self._noun = noun
        self._synthesizers = {each.name.lower(): each for each in synthesizers}
        self._spoken = noun.tts_language or noun.language
        self._found_out = ""
        """The language in which the caller spoke last, where that is found out."""
        self._heard = noun.transcription_language or noun.language

    def change(self, spoken: str, heard: str) -> None:
        """Speak or hear another language from now on; an empty one stays."""
        self._spoken = spoken or self._spoken
        self._heard = heard or self._heard

    def find_out(self, language: str) -> None:
        """The caller speaks a language, which was not known before; empty says nothing."""
        self._found_out = language or self._found_out

    @property
    def spoken(self) -> str:
        """What is spoken: where that may be anything, what the caller speaks."""
        return (self._found_out or DEFAULT_LANGUAGE) if self._spoken == ANY_LANGUAGE else self._spoken

    @property
    def hearing(self) -> Hearing:
        """How the caller is understood."""
        own, noun = self._of(self._heard), self._noun
        model = own.speech_model or noun.speech_model or "default"
        hints = own.hints or noun.hints
        provider = own.transcription_provider or noun.transcription_provider
        return Hearing(self._heard, model, hints_of(hints), provider)

    @property
    def listening(self) -> Manners:
        """When an utterance of the caller is over."""
        timeout = self._noun.speech_timeout
        return Manners(int(timeout) / 1000 if timeout.isdigit() else None, certainty=self._noun.eot_threshold or USUAL_CERTAINTY)

    def cast(self, language: str, voices: Voices) -> Cast:
        """Who speaks a language: the provider's voice by an engine that has the provider's name, or whoever stands for it."""
        provider, voice = self._voice(language)
        engine = self._synthesizers.get(provider)
        chosen = voices.cast(voice, language)
        if engine is not None:
            return replace(chosen, base=f"{engine.name}:{voice or engine.voice}", variant="", voice_known=True)
        if voice and not chosen.voice_known and provider in _CATALOGUES:
            return voices.cast(_CATALOGUES[provider] + voice, language)
        return chosen

    def normalises(self, language: str) -> bool:
        """Whether a text is made fit to be spoken."""
        noun = self._noun
        asked = self._of(language).tts_text_normalization or noun.tts_text_normalization or noun.elevenlabs_text_normalization
        return asked != "off"

    def _voice(self, language: str) -> tuple[str, str]:
        """The provider, and its voice; an empty one is the engine's own choice."""
        own = self._of(language)
        provider = (own.tts_provider or self._noun.tts_provider).lower()
        if own.voice:
            return provider, own.voice
        usual = (self._noun.tts_language or self._noun.language) in (language, ANY_LANGUAGE)
        return provider, self._noun.voice if usual else ""

    def _of(self, code: str) -> Language:
        """What is said of a language, or of a near one; nothing where it is not named."""
        exact = [each for each in self._noun.languages if each.code.lower() == code.lower()]
        close = [each for each in self._noun.languages if each.code.partition("-")[0].lower() == code.partition("-")[0].lower()]
        return next(iter([*exact, *close]), Language())


def is_backchannel(text: str) -> bool:
    """Whether words only show that somebody listens."""
    return text.lower().strip(" .,!?") in BACKCHANNEL


def is_cut_off_by(kind: str, interruptible: str) -> bool:
    """Whether ``speech`` or ``dtmf`` cuts off what may be cut off by ``none``, ``dtmf``, ``speech`` or ``any``."""
    return interruptible in (kind, "any")
