"""Verbs and nouns of TwiML: one frozen class each, the defaults are TwiML's (spec section 2)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a document asks for."""


@dataclass(frozen=True, slots=True)
class Unsupported(Verb):
    """A verb of TwiML that this switch does not run yet: error 13750."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Say(Verb):
    """Speak (section 2.1)."""

    text: str = ""
    voice: str = ""
    """``man``, ``woman``, ``alice``, ``Polly.*`` or ``Google.*``; empty is the default voice."""
    language: str = ""
    """BCP 47; empty is the voice's own, else en-US."""
    loop: int = 1
    """0 is without end."""


@dataclass(frozen=True, slots=True)
class Play(Verb):
    """Play a file, or send keys (section 2.2)."""

    url: str = ""
    loop: int = 1
    """0 is without end."""
    digits: str = ""
    """``0-9 A-D * # w W``."""


@dataclass(frozen=True, slots=True)
class Pause(Verb):
    """Wait (section 2.3)."""

    length: int = 1
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Gather(Verb):
    """Collect keys (section 2.4)."""

    children: tuple[Say | Play | Pause, ...] = ()
    """Run while input is being collected."""
    action: str = ""
    """Empty is the current document."""
    method: str = "POST"
    input: tuple[str, ...] = ("dtmf",)
    """Of ``dtmf`` and ``speech``."""
    timeout: int = 5
    """Seconds between keys."""
    finish_on_key: str = "#"
    """Empty is none."""
    num_digits: int = 0
    """0 is unlimited."""
    action_on_empty_result: bool = False
    speech_timeout: str = ""
    max_speech_time: int = 60
    partial_result_callback: str = ""
    partial_result_callback_method: str = "POST"
    language: str = "en-US"
    hints: str = ""
    profanity_filter: bool = True
    barge_in: bool = True
    speech_model: str = "default"
    enhanced: bool = False
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Redirect(Verb):
    """Run another document (section 2.5)."""

    url: str = ""
    """Empty is the current document."""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Reject(Verb):
    """Refuse a call that was not answered (section 2.9)."""

    reason: str = "rejected"
    """``rejected`` or ``busy``."""


@dataclass(frozen=True, slots=True)
class Hangup(Verb):
    """End the call (section 2.8)."""


@dataclass(frozen=True, slots=True)
class Noun:
    """Someone to dial; what Number and Sip have in common."""

    url: str = ""
    """Document that the called party hears before being connected."""
    method: str = "POST"
    send_digits: str = ""
    """Keys sent after the answer and before the connection: ``0-9 A-D * # w W``."""
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_event: tuple[str, ...] = ()
    """Of ``initiated ringing answered completed``; empty is ``completed``."""
    machine_detection: str = ""
    machine_detection_timeout: int = 30
    machine_detection_speech_threshold: int = 2400
    machine_detection_speech_end_threshold: int = 1200
    machine_detection_silence_timeout: int = 5000
    amd_status_callback: str = ""
    amd_status_callback_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Number(Noun):
    """A telephone number (section 2.7.1)."""

    number: str = ""
    byoc: str = ""
    phone_number_sid: str = ""


@dataclass(frozen=True, slots=True)
class Sip(Noun):
    """A SIP address (section 2.7.3)."""

    uri: str = ""
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Dial(Verb):
    """Connect the caller with someone (section 2.7)."""

    nouns: tuple[Noun, ...] = ()
    action: str = ""
    """Empty is none: the next verb runs."""
    method: str = "POST"
    timeout: int = 30
    """Seconds of ringing."""
    time_limit: int = 14400
    """Seconds of conversation."""
    caller_id: str | None = None
    hangup_on_star: bool = False
    answer_on_bridge: bool = False
    ring_tone: str = ""
    sequential: bool = False
    record: str = "do-not-record"
    trim: str = "do-not-trim"
    recording_track: str = "both"
    recording_status_callback: str = ""
    recording_status_callback_method: str = "POST"
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    recording_configuration_id: str = ""
    refer_url: str = ""
    refer_method: str = "POST"
    call_reason: str = ""
    events: str = ""
    passports: str = ""
