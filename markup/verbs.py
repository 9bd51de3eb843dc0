"""The verbs of TwiML: one frozen class each, the defaults are TwiML's (spec section 2).

A verb that is added here gets its row in ``markup.grammar`` and its generator in ``markup.execution``; nothing else changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from markup.nouns import Noun, Number, Sip

__all__ = [
    "Dial",
    "Gather",
    "Hangup",
    "Noun",
    "Number",
    "Pause",
    "Play",
    "Redirect",
    "Reject",
    "Say",
    "Sip",
    "Unsupported",
    "Verb",
]


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a document asks for."""


@dataclass(frozen=True, slots=True)
class Unsupported(Verb):
    """A verb of TwiML that this switch does not run yet: error 13750, and the next verb runs (section 1.10)."""

    name: str = ""
    """The element's name."""


@dataclass(frozen=True, slots=True)
class Say(Verb):
    """Speak (section 2.1)."""

    text: str = ""
    """What is spoken: white space collapsed, SSML reduced to the words it holds. Sections 1.5 and 2.1."""
    voice: str = ""
    """``man``, ``woman``, ``alice``, ``Polly.*`` or ``Google.*``; empty is the switch's default voice. Section 2.1."""
    language: str = ""
    """BCP 47; empty is the voice's own, else en-US. Section 2.1."""
    loop: int = 1
    """How often, 0 to 1000; 0 is a thousand times. Section 2.1."""


@dataclass(frozen=True, slots=True)
class Play(Verb):
    """Play a file, or send keys (section 2.2)."""

    url: str = ""
    """Of the audio; relative to the document. May be empty when there are digits. Section 2.2."""
    loop: int = 1
    """How often, 0 to 1000; 0 is a thousand times. Section 2.2."""
    digits: str = ""
    """Keys to send: ``0-9 A-D * #``, ``w`` 0.5 s, ``W`` 1 s. Section 2.2."""


@dataclass(frozen=True, slots=True)
class Pause(Verb):
    """Wait (section 2.3)."""

    length: int = 1
    """Seconds, at least 1. Section 2.3."""


@dataclass(frozen=True, slots=True)
class Gather(Verb):
    """Collect keys (section 2.4)."""

    children: tuple[Say | Play | Pause, ...] = ()
    """Run while input is being collected. Section 1.8."""
    action: str = ""
    """Where the input goes; empty is the current document. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    input: tuple[str, ...] = ("dtmf",)
    """Of ``dtmf`` and ``speech``. Section 2.4."""
    timeout: int = 5
    """Seconds without a key after the prompts or after the last key; ``auto`` is the default. Section 2.4."""
    finish_on_key: str = "#"
    """The key that ends the input; empty is none. Section 2.4."""
    num_digits: int = 0
    """How many keys end the input; 0 is unlimited. Section 2.4."""
    action_on_empty_result: bool = False
    """Whether ``action`` is requested without input. Section 2.4, rule 8."""
    speech_timeout: str = ""
    """Seconds of silence that end speech, or ``auto``; empty is ``timeout``. Section 2.4."""
    max_speech_time: int = 60
    """Seconds, 1 to 60. Section 2.4."""
    partial_result_callback: str = ""
    """Where speech is told while it goes on; empty is nowhere. Section 2.4."""
    partial_result_callback_method: str = "POST"
    """GET or POST, for ``partial_result_callback``."""
    language: str = "en-US"
    """BCP 47, of the speech. Section 2.4."""
    hints: str = ""
    """Words to expect, separated by commas. Section 2.4."""
    profanity_filter: bool = True
    """Whether swear words are masked. Section 2.4."""
    barge_in: bool = True
    """Whether speech stops the prompts. Section 2.4."""
    speech_model: str = "default"
    """Which recogniser. Section 2.4."""
    enhanced: bool = False
    """Deprecated by TwiML. Section 2.4."""
    debug: bool = False
    """Written by the SDK only; no meaning is documented."""


@dataclass(frozen=True, slots=True)
class Redirect(Verb):
    """Run another document (section 2.5)."""

    url: str = ""
    """Empty is the current document. Section 1.7."""
    method: str = "POST"
    """GET or POST. Section 2.5."""


@dataclass(frozen=True, slots=True)
class Reject(Verb):
    """Refuse a call that was not answered (section 2.9)."""

    reason: str = "rejected"
    """``rejected`` (SIP 404) or ``busy`` (SIP 486). Section 2.9."""


@dataclass(frozen=True, slots=True)
class Hangup(Verb):
    """End the call (section 2.8)."""


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
