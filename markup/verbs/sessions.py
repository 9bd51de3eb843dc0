"""Connect, Start and Stop, and what runs beside a call: Stream, Siprec and Transcription (spec sections 2.13 and 2.14)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Config, Noun, Parameter, Verb


@dataclass(frozen=True, slots=True)
class Connect(Verb):
    """Hand the call to a session and wait for its end (section 2.13)."""

    noun: Noun | None = None
    """The session; None when the document names none. Section 1.8."""
    action: str = ""
    """Where the result goes; empty is nowhere, and the next verb runs. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""


@dataclass(frozen=True, slots=True)
class Start(Verb):
    """Begin something that goes on while the document does (section 2.14)."""

    nouns: tuple[Noun, ...] = ()
    """What begins. Section 1.8."""
    action: str = ""
    """Written by the SDK only, to no effect. Section 2.14."""
    method: str = "POST"
    """GET or POST, for ``action``."""


@dataclass(frozen=True, slots=True)
class Stop(Verb):
    """End what Start began (section 2.14)."""

    nouns: tuple[Noun, ...] = ()
    """Of the same kind and name as what ends. Section 1.8."""


@dataclass(frozen=True, slots=True)
class Stream(Noun):
    """The call's audio over a WebSocket (section 2.13)."""

    url: str = ""
    """``wss://``, absolute; ``ws://`` only where the switch allows that; empty in Stop. Section 2.13."""
    name: str = ""
    """Unique in the call; what Stop calls it. Section 2.13."""
    track: str = "inbound_track"
    """``inbound_track``, ``outbound_track`` or ``both_tracks``; in Connect always the first. Section 2.13."""
    status_callback: str = ""
    """Where the stream's progress is told; empty is nowhere. Section 2.13."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``."""
    connector_name: str = ""
    """A connector instead of a URL, which this switch has not. Section 2.13."""
    audio_format: str = ""
    """Written by the SDK only. Section 2.13."""
    sample_rate: str = ""
    """Written by the SDK only. Section 2.13."""
    parameters: tuple[Parameter, ...] = ()
    """Told to the far end at the start. Section 5.1."""


@dataclass(frozen=True, slots=True)
class Siprec(Noun):
    """A copy of the call to a recording server (section 2.14; RFC 7866)."""

    name: str = ""
    """Unique in the call; what Stop calls it. Section 2.14."""
    connector_name: str = ""
    """Which recording server of the switch's. Section 2.14."""
    track: str = "both_tracks"
    """``inbound_track``, ``outbound_track`` or ``both_tracks``. Section 2.14."""
    status_callback: str = ""
    """Where its progress is told; empty is nowhere. Section 2.14."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``."""
    parameters: tuple[Parameter, ...] = ()
    """Metadata of the recording session. Section 2.14."""


@dataclass(frozen=True, slots=True)
class Transcription(Noun):
    """What is said, written down while the call goes on (section 2.14)."""

    name: str = ""
    """Unique in the call; what Stop calls it. Section 2.14."""
    track: str = "both_tracks"
    """``inbound_track``, ``outbound_track`` or ``both_tracks``. Section 2.14."""
    status_callback_url: str = ""
    """Where the text goes; empty is nowhere. Section 2.14."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback_url``."""
    inbound_track_label: str = ""
    """What the caller's track is called; empty is its own name. Section 2.14."""
    outbound_track_label: str = ""
    """What the other track is called; empty is its own name. Section 2.14."""
    language_code: str = "en-US"
    """BCP 47. Section 2.14."""
    transcription_engine: str = "google"
    """``google`` or ``deepgram``. Section 2.14."""
    speech_model: str = "telephony"
    """The engine's model. Section 2.14."""
    partial_results: bool = False
    """Whether text that may still change is told. Section 2.14."""
    profanity_filter: bool = True
    """Whether swear words are masked. Section 2.14."""
    hints: str = ""
    """Words to expect, separated by commas. Section 2.14."""
    enable_automatic_punctuation: bool = True
    """Whether the text has punctuation. Section 2.14."""
    enable_provider_data: bool = False
    """Whether the engine's own answer is told too. Section 2.14."""
    intelligence_service: str = ""
    """SID or name; not of this switch. Section 2.14."""
    conversation_configuration: str = ""
    """Not of this switch. Section 2.14."""
    conversation_id: str = ""
    """Not of this switch. Section 2.14."""
    configs: tuple[Config, ...] = ()
    """Settings of the engine. Section 1.8."""
    parameters: tuple[Parameter, ...] = ()
    """Told with the text. Section 1.8."""
