"""Speech that was made already, on disk: shared by all calls and kept over restarts."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np

from media.frame import Samples

_MAGIC = b"speech 1"
_DIGEST = 32
_KEPT = 0.9
"""Of the room, what is still there when the files not heard for longest have gone."""
_SUFFIX = ".speech"


class SpeechShelf:
    """Files of samples in a folder, which is made, at most ``max_bytes`` of them. Any thread and other processes may use it.

    What is known by other words, by another voice, at another rate or of another ``edition`` (how the engines are set up) is
    something else. Nothing is raised: what cannot be read or written is made again.
    """

    def __init__(self, folder: Path, rate: int, max_bytes: int, edition: str = "") -> None:
        self._folder = folder
        self._max = max_bytes
        self._key = f"{rate}\0{edition}"
        self._lock = threading.Lock()
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bytes = sum(size for _, size, _ in self._files())
        self._evict()

    def get(self, phrase: object, voice: str) -> Samples | None:
        """The samples of a phrase; None when they are not there whole."""
        path = self._path(phrase, voice)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        samples = content[len(_MAGIC) + _DIGEST :]
        if content[: len(_MAGIC) + _DIGEST] != _MAGIC + hashlib.sha256(samples).digest() or len(samples) % 2:
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return np.frombuffer(samples, "<i2").astype(np.int16)

    def put(self, phrase: object, voice: str, samples: Samples) -> None:
        """Keep the samples of a phrase, all of them or none."""
        data = samples.astype("<i2").tobytes()
        content = _MAGIC + hashlib.sha256(data).digest() + data
        if not data or len(content) > self._max:
            return
        with suppress(OSError):
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                os.replace(name, self._path(phrase, voice))
            except OSError:
                os.unlink(name)
                raise
            with self._lock:
                self._bytes += len(content)
                self._evict()

    def _path(self, phrase: object, voice: str) -> Path:
        name = hashlib.sha256(f"{self._key}\0{voice}\0{phrase!r}".encode("utf-8", "replace")).hexdigest()
        return self._folder / f"{name}{_SUFFIX}"

    def _evict(self) -> None:
        """Make room, if there is too little, by what was not heard for longest."""
        if self._bytes <= self._max:
            return
        files = sorted(self._files())
        self._bytes = sum(size for _, size, _ in files)
        for _, size, path in files:
            if self._bytes <= self._max * _KEPT:
                break
            with suppress(OSError):
                path.unlink()
            self._bytes -= size

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was heard last, its size and where it is; with what a process that was killed has left."""
        found = []
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    known = entry.stat()
                    found.append((known.st_mtime, known.st_size, Path(entry.path)))
        return found
