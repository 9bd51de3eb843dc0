"""The nouns of Dial: whom it rings (spec section 2.7). One frozen class each, the defaults are TwiML's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Noun:
    """Someone to dial; what Number and Sip have in common (sections 2.7.1 and 2.7.3)."""

    url: str = ""
    """Document that the called party hears before being connected; empty is none. Section 2.7, execution rule 4."""
    method: str = "POST"
    """GET or POST, for ``url``. Section 1.7."""
    send_digits: str = ""
    """Keys sent after the answer and before the connection: ``0-9 A-D * #``, ``w`` 0.5 s, ``W`` 1 s. Section 2.7.1."""
    status_callback: str = ""
    """Where the leg's progress is told; empty is nowhere. Section 3.6."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``. Section 3.6."""
    status_callback_event: tuple[str, ...] = ()
    """Of ``initiated ringing answered completed``; empty is ``completed`` alone. Section 3.6."""
    machine_detection: str = ""
    """``Enable``, ``DetectMessageEnd`` or empty for none. Section 3.5."""
    machine_detection_timeout: int = 30
    """Seconds until the verdict is ``unknown``, 3 to 60. Section 3.5."""
    machine_detection_speech_threshold: int = 2400
    """Milliseconds, 1000 to 6000: longer speech is a machine's. Section 3.5."""
    machine_detection_speech_end_threshold: int = 1200
    """Milliseconds of silence that end an utterance, 500 to 5000. Section 3.5."""
    machine_detection_silence_timeout: int = 5000
    """Milliseconds of silence at the start after which the verdict is ``unknown``, 2000 to 10000. Section 3.5."""
    amd_status_callback: str = ""
    """Where the verdict is told; empty is nowhere. Section 3.5."""
    amd_status_callback_method: str = "POST"
    """GET or POST, for ``amd_status_callback``. Section 3.5."""


@dataclass(frozen=True, slots=True)
class Number(Noun):
    """A telephone number (section 2.7.1)."""

    number: str = ""
    """E.164, or as the trunk takes it."""
    byoc: str = ""
    """SID of the trunk to use (``BY...``); empty is the switch's choice. Section 2.7.1."""
    phone_number_sid: str = ""
    """Written by the SDK only; no meaning is documented."""


@dataclass(frozen=True, slots=True)
class Sip(Noun):
    """A SIP address (section 2.7.3)."""

    uri: str = ""
    """At most 255 characters and 1024 of headers after ``?``; the scheme may be missing. Sections 2.7.3 and 6."""
    username: str = ""
    """For digest authentication of the INVITE. Section 2.7.3."""
    password: str = ""
    """For digest authentication of the INVITE. Section 2.7.3."""
