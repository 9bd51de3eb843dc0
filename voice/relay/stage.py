"""Where an application is heard: the line of the caller, with its studio."""

from __future__ import annotations

from media.frame import Samples
from media.source import Source
from media.speech.passage import Passage
from voice.calls.line import Line
from voice.relay.manner import Manner
from voice.relay.wording import speakable
from voice.sound.studio import Listener, Studio


class Stage:
    """What an agenda performs on; ``manner`` says who speaks, and how."""

    def __init__(self, line: Line, studio: Studio, manner: Manner) -> None:
        self._line, self._studio, self._manner = line, studio, manner

    def play(self, source: Source, listener: Listener) -> int:
        """Let the caller hear a source."""
        return self._line.play(source, listener)

    def cut(self, number: int) -> None:
        """Silence it; its listener hears that it is over."""
        self._studio.cut(number)

    def hold(self, number: int, on: bool) -> None:
        """Let it wait in silence, or go on where it was."""
        self._studio.hold(number, on)

    async def send_digits(self, digits: str) -> None:
        """Send keys, with their pauses."""
        await self._line.send_digits(digits)

    def speak(self, text: str, language: str) -> Source:
        """A text as a source."""
        speaker = self._studio.speaker
        said = speakable(text) if self._manner.normalises(language) else text
        return speaker.speak([Passage(said)], self._manner.cast(language, speaker.voices))

    async def fetch(self, url: str) -> Samples:
        """A file's samples. Raises WebhookFailure."""
        return await self._studio.library.fetch(url)
