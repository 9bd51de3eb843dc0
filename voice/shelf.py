"""Where recordings are kept: the audio, and a JSON file beside it that says what it is.

A recording that is not complete has the ending ``.live``; one that still has it when the server starts was cut off. The methods
read and write files: they are for worker threads, except ``path``.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from media import mp3, wav
from media.errors import NotAudio
from voice.recording import Recording

SHORTEST_SECONDS = 0.1
"""What is shorter is no recording."""
TOO_SHORT = 16101
UNREADABLE = 15000

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

    def begin(self, recording: Recording) -> None:
        """Note a recording that is not complete yet."""
        _write(self.path(recording.sid, ".live"), recording.to_json())

    def complete(self, recording: Recording) -> None:
        """Finish the file of a recording that is being processed, and decide what has become of it.

        It has its real length afterwards, is trimmed if that was asked for, and is ``completed`` or ``absent``. Raises OSError
        when that cannot be noted.
        """
        path = self.path(recording.sid)
        try:
            form = wav.repair(path)
            if form.seconds >= SHORTEST_SECONDS and recording.trim:
                form = wav.trim(path)
            recording.seconds = form.seconds
            recording.error_code = 0 if form.seconds >= SHORTEST_SECONDS else TOO_SHORT
        except FileNotFoundError:
            recording.seconds, recording.error_code = 0, recording.error_code or TOO_SHORT
        except (NotAudio, OSError):
            recording.seconds, recording.error_code = 0, UNREADABLE
        recording.advance("absent" if recording.error_code else "completed")
        if recording.error_code == TOO_SHORT:
            path.unlink(missing_ok=True)
        _write(self.path(recording.sid, ".json"), recording.to_json())
        self.path(recording.sid, ".live").unlink(missing_ok=True)

    def find(self, sid: str) -> Recording | None:
        """A complete recording; None when there is none of that name."""
        try:
            return Recording.from_json(self.path(sid, ".json").read_text(encoding="utf-8"))
        except (ValueError, OSError):
            return None

    def cut_off(self) -> Iterator[Recording]:
        """The recordings that were not complete when the server ended; an unreadable one is left alone."""
        for path in sorted(self._folder.glob("RE*.live")):
            with contextlib.suppress(ValueError, OSError):
                recording = Recording.from_json(path.read_text(encoding="utf-8"))
                recording.status = "processing"
                yield recording

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


def _write(path: Path, text: str) -> None:
    """Replace a file at once, readable by us alone."""
    unfinished = path.with_name(path.name + ".new")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)
