"""Recordings in the forms that are asked for: one channel, MP3. Each is made when it is first wanted, one at a time, and kept."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from voice.recording.recording import Recording
from voice.recording.shelf import Shelf

MOST_CONVERSIONS = 50
"""Requests that wait for a file to be made; more are refused."""


class Conversions:
    """Makes them from the files of a shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._pool = ThreadPoolExecutor(1, "recording-conversions")
        self._waiting = 0

    async def audio(self, recording: Recording, kind: str, channels: int) -> Path | None:
        """The file of a complete recording, as for ``Shelf.audio``; None when too many wait for theirs already.

        Raises NotAudio and OSError.
        """
        path = self._shelf.audio(recording, kind, channels)
        if not await asyncio.to_thread(path.exists):
            if self._waiting >= MOST_CONVERSIONS:
                return None
            self._waiting += 1
            try:
                make = partial(self._shelf.make, recording, kind, channels)
                await asyncio.get_running_loop().run_in_executor(self._pool, make)
            finally:
                self._waiting -= 1
        return path

    def close(self) -> None:
        """Make no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
