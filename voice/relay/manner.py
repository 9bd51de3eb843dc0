"""How a conversation is spoken and heard: the attributes of the relay, and what its Language nouns say differently."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs import ConversationRelay, Language

BACKCHANNEL = frozenset(("", "uh", "uh huh", "uh-huh", "mhm", "mm", "hm", "hmm", "yeah", "yes", "okay", "ok", "right", "sure"))
"""What people say to show that they listen."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """How the caller is understood."""

    language: str
    model: str
    hints: tuple[str, ...]


class Manner:
    """What is spoken and heard at this moment."""

    def __init__(self, noun: ConversationRelay) -> None:
        self._noun = noun
        self.spoken = noun.tts_language or noun.language
        self._heard = noun.transcription_language or noun.language

    def change(self, spoken: str, heard: str) -> None:
        """Speak or hear another language from now on; an empty one stays."""
        self.spoken = spoken or self.spoken
        self._heard = heard or self._heard

    @property
    def hearing(self) -> Hearing:
        """How the caller is understood."""
        own = self._of(self._heard)
        model = (own.speech_model if own is not None else "") or self._noun.speech_model or "default"
        hints = (own.hints if own is not None else "") or self._noun.hints
        return Hearing(self._heard, model, tuple(filter(None, (hint.strip() for hint in hints.split(",")))))

    def voice(self, language: str) -> str:
        """Who speaks a language; empty is the engine's own choice."""
        own = self._of(language)
        if own is not None and own.voice:
            return own.voice
        return self._noun.voice if language == (self._noun.tts_language or self._noun.language) else ""

    def _of(self, code: str) -> Language | None:
        exact = [each for each in self._noun.languages if each.code.lower() == code.lower()]
        close = [each for each in self._noun.languages if each.code.partition("-")[0].lower() == code.partition("-")[0].lower()]
        return next(iter([*exact, *close]), None)


def silence_of(timeout: str) -> float | None:
    """Seconds of silence that end an utterance; None is as long as what was said suggests."""
    return int(timeout) / 1000 if timeout.isdigit() else None


def is_backchannel(text: str) -> bool:
    """Whether words only show that somebody listens."""
    return text.lower().strip(" .,!?") in BACKCHANNEL


def is_cut_off_by(kind: str, interruptible: str) -> bool:
    """Whether ``speech`` or ``dtmf`` cuts off what may be cut off by ``none``, ``dtmf``, ``speech`` or ``any``."""
    return interruptible in (kind, "any")
