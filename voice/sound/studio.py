"""The audio of a server as calls see it: rows of the bus, playbacks that report when they are over, rooms and taps."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from media.bus import Bus
from media.envelope import BLOCK_SECONDS
from media.errors import BusFull
from media.events import CueReached, DigitHeard, MediaEvent, PlaybackFinished, PlaybackStarted
from media.frame import Samples
from media.mixer import Mixer
from media.source import Clip, Source
from media.speech.speaker import Speaker
from voice.listening.ears import StudioEars
from voice.sound.library import MediaLibrary
from voice.sound.taps import StudioTaps

_log = structlog.get_logger("studio")


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom to tell about one playback."""

    started: Callable[[], None]
    finished: Callable[[str], None]
    """Takes an error message, empty when all was played."""
    reached: Callable[[int], None] = lambda at: None
    """A sample that ``Studio.cue`` asked for was sent."""
    sent: Callable[[int], None] = lambda samples: None
    """How many samples were sent; told before ``finished``."""


class Voice:
    """What is played to it, it says: to a whole room, or to one row on top of what that hears. See Stage."""

    def __init__(self, studio: Studio, row: int) -> None:
        self.open = True
        self._studio = studio
        self._row = row

    def enter(self, room: int) -> None:
        """Speak to everybody in a room."""
        self._studio.enter(room, self._row, hears=False)

    def speak_to(self, row: int) -> None:
        """Speak to one row alone."""
        self._studio.whisper(self._row, row)

    def play(self, source: Source, listener: Listener) -> int:
        """See Stage."""
        return self._studio.play(self._row, source, listener)

    def close(self) -> None:
        """Fall silent and give the row back."""
        if self.open:
            self.open = False
            self._studio.release(self._row)


class Studio:
    """Rows, playbacks and rooms; all methods belong to the event loop."""

    def __init__(
        self,
        bus: Bus,
        mixer: Mixer,
        speaker: Speaker,
        library: MediaLibrary,
        *,
        inband_digits: bool = False,
        levels: bool = False,
    ) -> None:
        self.bus = bus
        self.speaker = speaker
        self.library = library
        self.taps = StudioTaps(mixer.taps, bus.rate)
        self.ears = StudioEars(mixer.taps.ears)
        self._mixer = mixer
        self._inband_digits, self._levels = inband_digits, levels
        self._numbers = itertools.count(1)
        self._listeners: dict[int, Listener] = {}
        self._digits: dict[int, Callable[[str], None]] = {}

    def claim(self) -> int:
        """Take a free row; raises BusFull."""
        return self.bus.claim()

    def release(self, row: int) -> None:
        """Give a row back, silent and out of every room."""
        self._digits.pop(row, None)
        self._mixer.release(row)

    def play(self, row: int, source: Source, listener: Listener) -> int:
        """Let a row hear a source instead of what it hears; returns the number for ``stop``."""
        number = next(self._numbers)
        self._listeners[number] = listener
        self._mixer.play(number, row, source)
        return number

    def stop(self, number: int) -> None:
        """Silence a playback; its listener hears nothing more."""
        if self._listeners.pop(number, None) is not None:
            self._mixer.stop(number)

    def cut(self, number: int) -> None:
        """Silence a playback; its listener hears that it is over."""
        self._mixer.stop(number)

    def hold(self, number: int, on: bool) -> None:
        """Let a playback wait in silence, or go on where it was."""
        self._mixer.hold(number, on)

    def cue(self, number: int, at: int) -> None:
        """Tell the listener when ``at`` samples of a playback were sent; of several, the lowest first."""
        self._mixer.cue(number, at)

    def enter(self, room: int, row: int, *, heard: bool = True, hears: bool = True) -> None:
        """Let a row be heard in a room, hear it, or both; entering again changes that."""
        self._mixer.enter(room, row, 1.0 if heard else 0.0, hears)

    def leave(self, row: int) -> None:
        """Take a row out of its room and end its whispers."""
        self._mixer.leave(row)
        self._mixer.whisper(row, None)

    def whisper(self, row: int, to: int | None) -> None:
        """Let one row alone hear what another says; None ends it."""
        self._mixer.whisper(row, to)

    def voice(self) -> Voice:
        """A row without a leg, to speak in a room or to one row. Raises BusFull."""
        row = self.claim()
        self._mixer.speak(row)
        return Voice(self, row)

    def sound(self, room: int, samples: Samples) -> None:
        """Let a whole room hear some samples once, over its talk; with no row free, nothing is heard."""
        try:
            voice = self.voice()
        except BusFull:
            return
        voice.enter(room)
        voice.play(Clip(samples), Listener(lambda: None, lambda error: voice.close()))

    def echo(self, row: int, on: bool) -> None:
        """Let a row hear itself, or no longer."""
        self._mixer.echo(row, on)

    def listen_for_digits(self, row: int, heard: Callable[[str], None], *, always: bool = False) -> None:
        """Report dual tones in the audio of a row, where the settings ask for that or ``always``."""
        if self._inband_digits or always:
            self._digits[row] = heard
            self._mixer.detect_digits(row, True)

    def draw(self, row: int, measured: Callable[[float, str, str], None]) -> None:
        """Report how loud both directions of a row are, where somebody may look at it: seconds and codes (EnvelopeMeasured)."""
        if self._levels:
            self.taps.draw(row, lambda event: measured(event.blocks * BLOCK_SECONDS, event.heard, event.said))

    def conceal(self, row: int, on: bool) -> None:
        """Keep what a row says out of every room and recording, or no longer."""
        self._mixer.conceal(row, on)

    def receive(self, events: list[MediaEvent]) -> None:
        """Pass on what the media thread reported."""
        for event in events:
            try:
                self._pass_on(event)
            except Exception as error:  # noqa: BLE001 - what comes behind it is of other calls
                _log.error("an event of the audio could not be taken", exc_info=error)

    def _pass_on(self, event: MediaEvent) -> None:
        match event:
            case PlaybackStarted(number) if number in self._listeners:
                self._listeners[number].started()
            case CueReached(number, at) if number in self._listeners:
                self._listeners[number].reached(at)
            case PlaybackFinished(number, error, sent) if number in self._listeners:
                listener = self._listeners.pop(number)
                listener.sent(sent)
                listener.finished(error)
            case DigitHeard(row, digit) if row in self._digits:
                self._digits[row](digit)
            case _:
                self.taps.receive(event)
                self.ears.receive(event)
