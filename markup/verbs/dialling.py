"""Dial (spec section 2.7)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Noun, Verb


@dataclass(frozen=True, slots=True)
class Dial(Verb):
    """Connect the caller with someone (section 2.7)."""

    nouns: tuple[Noun, ...] = ()
    """Whom to ring; the first ten count. Section 1.8."""
    action: str = ""
    """Where the result goes; empty is nowhere, and the next verb runs. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    timeout: int = 30
    """Seconds of ringing, 5 to 600, for each attempt. Section 2.7."""
    time_limit: int = 14400
    """Seconds of conversation, 1 to 86400. Section 2.7."""
    caller_id: str | None = None
    """What the callee sees; None is the caller's own. Section 2.7, caller-ID rules."""
    hangup_on_star: bool = False
    """Whether ``*`` on the caller's keypad ends the Dial. Section 2.7."""
    answer_on_bridge: bool = False
    """Whether an inbound call goes on ringing until it is connected. Section 1.6."""
    ring_tone: str = ""
    """Country of the ringing tone; empty is the switch's default. Section 2.7."""
    sequential: bool = False
    """Whether the nouns are tried one after the other. Section 2.7, execution rule 3."""
    record: str = "do-not-record"
    """``do-not-record``, or ``record-from-`` ``answer`` or ``ringing``, either also with ``-dual``. Section 2.7."""
    trim: str = "do-not-trim"
    """``trim-silence`` or ``do-not-trim``, of the recording. Section 2.7."""
    recording_track: str = "both"
    """``inbound``, ``outbound`` or ``both``. Section 2.7."""
    recording_status_callback: str = ""
    """Where the recording's progress is told; empty is nowhere. Section 3.7."""
    recording_status_callback_method: str = "POST"
    """GET or POST, for ``recording_status_callback``."""
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``. Section 3.7."""
    recording_configuration_id: str = ""
    """Opaque. Section 2.7."""
    refer_url: str = ""
    """Document for a SIP REFER from the callee; empty is none. Section 1.1."""
    refer_method: str = "POST"
    """GET or POST, for ``refer_url``."""
    call_reason: str = ""
    """At most 50 characters, shown to the callee. Section 2.7."""
    events: str = ""
    """Written by the SDK only. Section 2.7."""
    passports: str = ""
    """Identity passports in base64, written by the SDK only. Section 2.7."""
