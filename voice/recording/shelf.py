"""Where the audio of recordings is kept; what is known about them is in the store.

The methods read and write files: they are for worker threads, except ``path``.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from media import mp3, wav
from media.errors import NotAudio
from voice.recording.recording import Recording

SHORTEST_SECONDS = 0.1
"""What is shorter is no recording."""
TOO_SHORT = 16101
UNREADABLE = 15000

_ENDINGS = (".wav", ".mp3", ".mono.wav", ".mono.mp3")
_SID = re.compile(r"^RE[0-9a-f]{32}$")


class Shelf:
    """One folder of recordings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        """Make the folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, sid: str, ending: str = ".wav") -> Path:
        """The file of a recording. Raises ValueError for what is no RecordingSid."""
        if not _SID.fullmatch(sid):
            raise ValueError(f"not a RecordingSid: {sid[:40]!r}")
        return self._folder / (sid + ending)

    def complete(self, recording: Recording) -> None:
        """Finish the file of a recording that is being processed, and decide what has become of it.

        It has its real length afterwards, is trimmed if that was asked for, and is ``completed`` or ``absent``. What has been
        done to the file by an earlier process does no harm. Its ``error_code`` tells already why it is short, if it is.
        """
        path = self.path(recording.sid)
        lack = recording.error_code or TOO_SHORT
        try:
            form = wav.repair(path)
            if form.seconds >= SHORTEST_SECONDS and recording.trim:
                form = wav.trim(path)
            recording.seconds = form.seconds
            recording.error_code = 0 if form.seconds >= SHORTEST_SECONDS else lack
        except FileNotFoundError:
            recording.seconds, recording.error_code = 0, lack
        except NotAudio:
            recording.seconds, recording.error_code = 0, UNREADABLE if path.stat().st_size else lack
        except OSError:
            recording.seconds, recording.error_code = 0, UNREADABLE
        recording.advance("absent" if recording.error_code else "completed")
        if recording.error_code == TOO_SHORT:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def remove(self, sid: str) -> None:
        """Delete the audio of a recording, in every form."""
        for ending in _ENDINGS:
            self.path(sid, ending).unlink(missing_ok=True)

    def audio(self, recording: Recording, kind: str, channels: int) -> Path:
        """The file of a complete recording as ``wav`` or ``mp3``, with one channel or all of them, whether it exists or not."""
        return self.path(recording.sid, f".mono.{kind}" if channels < recording.channels else f".{kind}")

    def make(self, recording: Recording, kind: str, channels: int) -> None:
        """Make that file, unless it exists; never twice at a time. Raises NotAudio and OSError."""
        target = self.audio(recording, kind, channels)
        if target.exists():
            return
        source = self.audio(recording, "wav", channels)
        if not source.exists():
            wav.downmix(self.path(recording.sid), source)
        if kind == "mp3":
            mp3.encode(source, target)
