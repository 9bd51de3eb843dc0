"""What is kept of a call: Record, and Recording of Start (spec sections 2.6 and 2.14)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Noun, Verb


@dataclass(frozen=True, slots=True)
class Record(Verb):
    """Record the caller (section 2.6)."""

    action: str = ""
    """Where the result goes; empty is the current document. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    timeout: int = 5
    """Seconds of silence that end the recording; 0 is none. Section 2.6."""
    finish_on_key: str = "1234567890*#"
    """The keys that end the recording; empty is none. Section 2.6."""
    max_length: int | None = None
    """Seconds, 2 to 86400; None is 3600, or 120 when ``transcribe`` is set. Section 2.6."""
    play_beep: bool = True
    """Whether a tone tells the caller to speak. Section 2.6."""
    trim: str = "trim-silence"
    """``trim-silence`` or ``do-not-trim``. Section 2.6."""
    recording_status_callback: str = ""
    """Where the recording's progress is told; empty is nowhere. Section 3.7."""
    recording_status_callback_method: str = "POST"
    """GET or POST, for ``recording_status_callback``."""
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``. Section 3.7."""
    transcribe: bool = False
    """Whether it is written down. Section 2.6."""
    transcribe_callback: str = ""
    """Where the text goes; empty is nowhere. Section 2.6."""
    recording_configuration_id: str = ""
    """Opaque. Section 2.6."""


@dataclass(frozen=True, slots=True)
class Recording(Noun):
    """Record the call while the document goes on (section 2.14)."""

    name: str = ""
    """Unique in the call; what Stop calls it. Section 2.14."""
    recording_status_callback: str = ""
    """Where the recording's progress is told; empty is nowhere. Section 3.7."""
    recording_status_callback_method: str = "POST"
    """GET or POST, for ``recording_status_callback``."""
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``. Section 3.7."""
    trim: str = "trim-silence"
    """``trim-silence`` or ``do-not-trim``. Section 2.14."""
    track: str = "both"
    """``inbound``, ``outbound`` or ``both``. Section 2.14."""
    channels: str = "dual"
    """``mono`` or ``dual``. Section 2.14."""
    recording_configuration_id: str = ""
    """Opaque. Section 2.14."""
