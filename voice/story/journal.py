"""What happened in a call, in order, with one time base.

Everything that explains a call is an entry: SIP messages, webhook requests and answers, verbs, commands, digits, errors.
Entries are bounded in number and size; they reach disk as JSON lines from a worker thread, so a call never waits for it.
While a disk takes nothing, the last of them wait for it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

Value = str | int | float | bool | None | list[str] | dict[str, str]

MOST_ENTRIES = 5_000
"""In memory."""
MOST_WRITTEN = 200_000
"""On disk, for one call."""
LONGEST_TEXT = 8_000
LONGEST_READ = 64_000_000
"""Bytes, of one journal at a time."""
FILES_PER_STEP = 500
MOST_WAITING = 50_000
"""Entries not on disk yet, of all calls; of more the oldest are lost."""

LEVELS = "levels"
"""The kind of entry that is for pictures only."""

_SID = re.compile(r"^CA[0-9a-f]{32}$")

_log = structlog.get_logger("journals")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened."""

    at: float
    """Seconds since the journal began."""
    kind: str
    """``sip``, ``request``, ``response``, ``verb``, ``left``, ``digit``, ``status``, ``playback``, ``report``, ``api`` ..."""
    data: dict[str, Value]


class Journal:
    """The entries of one call."""

    def __init__(
        self, call_sid: str, now: Callable[[], float], write: Callable[[str, Entry], None], began: float | None = None
    ) -> None:
        self.call_sid = call_sid
        self.entries: deque[Entry] = deque(maxlen=MOST_ENTRIES)
        self._now = now
        self._began = now() if began is None else began
        self._write = write
        self._written = 0

    def add(self, kind: str, *, at: float | None = None, **data: Value) -> None:
        """Note that something happened now, or at the monotonic time ``at``."""
        moment = self._now() if at is None else at
        entry = Entry(round(max(0.0, moment - self._began), 4), kind, {name: _bounded(value) for name, value in data.items()})
        self.entries.append(entry)
        self._written += 1
        if self._written < MOST_WRITTEN:
            self._write(self.call_sid, entry)
        elif self._written == MOST_WRITTEN:
            self._write(self.call_sid, Entry(entry.at, "full", {"entries": MOST_WRITTEN}))

    def measure(self, seconds: float, heard: str, said: str) -> None:
        """Write down how loud both directions were in the last ``seconds``, on disk alone (see EnvelopeMeasured)."""
        if self._written < MOST_WRITTEN:
            self._written += 1
            began = max(0.0, self._now() - self._began - seconds)
            self._write(self.call_sid, Entry(round(began, 4), LEVELS, {"heard": heard, "said": said}))


def _bounded(value: Value) -> Value:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + f"… ({len(value)} characters)"
    return value


class JournalFiles:
    """Journals on disk, one file of JSON lines per call."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: deque[tuple[str, Entry]] = deque()
        self._lost = 0
        self._failing = False
        self._flushing = threading.Lock()

    def write(self, call_sid: str, entry: Entry) -> None:
        """Queue an entry; costs no IO."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append((call_sid, entry))

    def flush(self) -> None:
        """Append what is queued; for worker threads. What the disk does not take is tried again with the next flush."""
        with self._flushing:
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            batches: dict[str, list[Entry]] = {}
            for call_sid, entry in waiting:
                batches.setdefault(call_sid, []).append(entry)
            try:
                self._append(batches)
            except OSError as error:
                self._waiting.extendleft((call_sid, entry) for call_sid, entry in reversed(waiting) if call_sid in batches)
                if not self._failing:
                    _log.error("journals cannot be written; trying again", error=str(error))
                self._failing = True
                return
            if self._failing:
                _log.warning("journals are written again", entries_lost=self._lost)
            self._failing, self._lost = False, 0

    def read(self, call_sid: str) -> list[Entry]:
        """The entries of a call, oldest first; empty when there is no such call. Raises ValueError for what is no CallSid."""
        path = self._path(call_sid)
        if not path.is_file():
            return []
        return list(_entries(path.read_text(encoding="utf-8", errors="replace").split("\n")))

    def read_on(self, call_sid: str, place: int) -> tuple[list[Entry], int]:
        """What was written to a journal since it was ``place`` bytes long, and how long it is now; for worker threads.

        Raises ValueError for what is no CallSid.
        """
        try:
            with self._path(call_sid).open("rb") as file:
                file.seek(place)
                written = file.read(LONGEST_READ)
        except FileNotFoundError:
            return [], place
        whole = written[: written.rfind(b"\n") + 1]  # a line may be on its way still
        return list(_entries(whole.decode(errors="replace").split("\n")[:-1])), place + len(whole)

    def select(self, call_sid: str, kinds: Collection[str]) -> Iterator[Entry]:
        """The entries of some kinds, oldest first, up to this moment; for worker threads."""
        self.flush()
        try:
            with self._path(call_sid).open(encoding="utf-8", errors="replace") as lines:
                yield from (entry for entry in _entries(lines) if entry.kind in kinds)
        except (FileNotFoundError, ValueError):
            return

    def expire(self, before: datetime) -> Iterator[None]:
        """Delete the journals that were written to before a moment, some with each step; for worker threads."""
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as files:
            for number, file in enumerate(files, 1):
                if file.name.endswith(".jsonl") and file.stat().st_mtime < before.timestamp():
                    os.unlink(file)
                if number % FILES_PER_STEP == 0:
                    yield

    def last(self) -> str:
        """The CallSid of the journal written to most recently; empty when there is none."""
        newest = max(self._folder.glob("CA*.jsonl"), key=lambda path: path.stat().st_mtime_ns, default=None)
        return newest.stem if newest is not None else ""

    def _append(self, batches: dict[str, list[Entry]]) -> None:
        """Take each batch out of ``batches`` as soon as it is on disk. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for call_sid, entries in list(batches.items()):
            lines = "".join(json.dumps([entry.at, entry.kind, entry.data], ensure_ascii=False) + "\n" for entry in entries)
            _append_whole(self._path(call_sid), lines.encode(errors="replace"))
            del batches[call_sid]

    def _path(self, call_sid: str) -> Path:
        if not _SID.fullmatch(call_sid):
            raise ValueError(f"not a CallSid: {call_sid!r}")
        return self._folder / f"{call_sid}.jsonl"


def _append_whole(path: Path, data: bytes) -> None:
    """Append all of ``data``, or leave the file as it was and raise OSError."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        length = os.fstat(file).st_size
        if os.write(file, data) < len(data):
            os.ftruncate(file, length)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(file)


def _entries(lines: Iterable[str]) -> Iterable[Entry]:
    for line in lines:
        try:
            at, kind, data = json.loads(line)
        except ValueError:
            continue  # the last line of a journal cut off by a crash, perhaps within a letter
        yield Entry(at, kind, data)
