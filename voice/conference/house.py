"""What all conferences of one server share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from voice.conference.archive import Archive
from voice.recording.recordings import Recordings
from voice.sound.studio import Studio
from voice.web.callbacks import CallbackSender


@dataclass(frozen=True, slots=True)
class House:
    """Made once by the composition root."""

    studio: Studio
    callbacks: CallbackSender
    recordings: Recordings
    archive: Archive
    wall: Callable[[], datetime]
    """The time of day, in UTC."""
    most: int
    """Participants in one conference, whatever a document says."""
