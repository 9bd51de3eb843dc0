"""The engines of one server that speak beside the built-in one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from media.errors import EngineMissing
from media.speech.engine import SpeechEngine
from media.speech.remote import Remote
from media.speech.shelf import SpeechShelf
from voice.errors import SettingsInvalid
from voice.settings import Settings, Synthesizer

MEGABYTE = 1 << 20


def make_synthesizers(tables: Sequence[Synthesizer]) -> dict[str, SpeechEngine]:
    """The engines of the settings, by name. Raises SettingsInvalid for one that cannot be had."""
    return {table.name: _made(table) for table in tables}


def open_shelf(settings: Settings, rate: int) -> SpeechShelf | None:
    """Where speech is kept; None when none is to be kept."""
    room = settings.speech.cache_megabytes * MEGABYTE
    if not room:
        return None
    return SpeechShelf(settings.data_dir / "speech", rate, room, _edition(settings.synthesizer))


def _made(table: Synthesizer) -> SpeechEngine:
    if table.engine == "http":
        return Remote(table.url, table.model, table.api_key, table.sample_rate)
    try:
        from media.speech.piper import Piper  # installed by those who use it
    except ImportError as error:
        raise SettingsInvalid(
            f"synthesizer {table.name!r}: piper is not installed: pip install 'strowger[piper]' ({error})"
        ) from error
    try:
        return Piper(table.model)
    except EngineMissing as error:
        raise SettingsInvalid(f"synthesizer {table.name!r}: {error}") from error


def _edition(tables: Sequence[Synthesizer]) -> str:
    """Another one when speech would be made otherwise: a server, a model, or the file of a voice is another."""
    known = []
    for table in tables:
        file = Path(table.model) if table.engine == "piper" else None
        stamp = (file.stat().st_size, file.stat().st_mtime_ns) if file is not None and file.is_file() else ()
        known.append((table.name, table.engine, table.url, table.model, table.sample_rate, stamp))
    return hashlib.sha256(repr(sorted(known)).encode()).hexdigest()
