"""A recording while it is being made: what is wanted of it, and how it is paused and ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.recorder import Channels
from media.track import Track
from voice.recording.recording import NOBODY, Recording, Source, Status, Subscription
from voice.recording.recording import Track as TrackName
from voice.sound.taps import Recorder


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be recorded, and how."""

    source: Source
    track: TrackName = "both"
    """``inbound`` is what the leg says, ``outbound`` what it hears."""
    dual: bool = False
    """Both in a channel each, inbound first; otherwise mixed. One track alone is always mono."""
    trim: bool = False
    subscription: Subscription = NOBODY
    transcription: Mapping[str, Any] | None = None
    """See Recording."""


def channels_of(row: int, wish: Wish) -> Channels:
    """Which tracks of a row go to which channel."""
    said, heard = Track(row), Track(row, outbound=True)
    match wish.track:
        case "inbound":
            return ((said,),)
        case "outbound":
            return ((heard,),)
    return ((said,), (heard,)) if wish.dual else ((said, heard),)


class Take:
    """One recording that runs, of the leg with the CallSid ``leg_sid``.

    ``note`` is called after each of its steps with the word that callbacks have for it.
    """

    def __init__(
        self, recording: Recording, leg_sid: str, now: Callable[[], float], note: Callable[[Recording, str], None]
    ) -> None:
        self.recording = recording
        self.leg_sid = "" if recording.conference_sid else leg_sid
        self.completed: list[Callable[[Recording, Path], None]] = []
        """Called once its file is complete, unless there is none."""
        self.kept = asyncio.Event()
        """Set when it has been processed."""
        self._recorder: Recorder
        self._now = now
        self._note = note
        self._since = now()
        self._before = 0.0
        self._skipping = False
        self._over = False
        self._waiting: list[Callable[[Recording], None]] = []

    def when_ended(self, tell: Callable[[Recording], None]) -> None:
        """Have a function called once its length is known, which may be now."""
        if self._over:
            tell(self.recording)
        else:
            self._waiting.append(tell)

    def end(self, seconds: float) -> None:
        """It is over, and this long."""
        self.recording.seconds = seconds
        self._over = True
        self._advance("processing", "processing")
        for tell in self._waiting:
            tell(self.recording)

    def run(self, recorder: Recorder) -> None:
        """Take control of what makes it."""
        self._recorder = recorder

    @property
    def seconds(self) -> float:
        """How long it is, or will be when it ends now."""
        if self.recording.seconds is not None:
            return self.recording.seconds
        return self._before + (0.0 if self._skipping else self._now() - self._since)

    def pause(self, *, skip: bool = False) -> bool:
        """Record silence, or with ``skip`` nothing, until ``resume``; False when it does not record."""
        seconds = self.seconds
        if not self._advance("paused", "paused"):
            return False
        self._before, self._since, self._skipping = seconds, self._now(), skip
        self._recorder.pause(skip=skip)
        return True

    def resume(self) -> bool:
        """Record again; False when it is not paused."""
        seconds = self.seconds
        if not self._advance("in-progress", "resumed"):
            return False
        self._before, self._since, self._skipping = seconds, self._now(), False
        self._recorder.resume()
        return True

    def stop(self) -> None:
        """End it, unless that was done."""
        seconds = self.seconds
        if self.recording.live:
            self.recording.seconds = seconds
            self._advance("stopped", "stopped")
            self._recorder.stop()

    def _advance(self, status: Status, event: str) -> bool:
        stepped = self.recording.advance(status)
        if stepped:
            self._note(self.recording, event)
        return stepped
