"""Whom Dial rings (spec sections 2.7.1 to 2.7.3, 2.7.6 and 2.7.7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from markup.verbs.roots import Noun, Parameter


@dataclass(frozen=True, slots=True)
class Callee(Noun):
    """Someone to ring; what all of them have in common."""

    url: str = ""
    """Document that the called party hears before being connected; empty is none. Section 2.7, execution rule 4."""
    method: str = "POST"
    """GET or POST, for ``url``. Section 1.7."""
    status_callback: str = ""
    """Where the leg's progress is told; empty is nowhere. Section 3.6."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``. Section 3.6."""
    status_callback_event: tuple[str, ...] = ()
    """Of ``initiated ringing answered completed``; empty is ``completed`` alone. Section 3.6."""


@dataclass(frozen=True, slots=True)
class Telephone(Callee):
    """A callee that takes keys and may be a machine; what Number and Sip have in common (sections 2.7.1 and 2.7.3)."""

    send_digits: str = ""
    """Keys sent after the answer and before the connection: ``0-9 A-D * #``, ``w`` 0.5 s, ``W`` 1 s. Section 2.7.1."""
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
class Number(Telephone):
    """A telephone number (section 2.7.1)."""

    number: str = ""
    """E.164, or as the trunk takes it."""
    byoc: str = ""
    """SID of the trunk to use (``BY...``); empty is the switch's choice. Section 2.7.1."""
    phone_number_sid: str = ""
    """Written by the SDK only; no meaning is documented."""


@dataclass(frozen=True, slots=True)
class Uri(Noun):
    """One of several addresses of a Sip (section 2.7.3)."""

    uri: str = ""
    """As ``Sip.uri``. Section 2.7.3."""
    priority: int = 0
    """The lowest is tried first. Section 2.7.3."""
    weight: int = 0
    """Share among those of one priority. Section 2.7.3."""
    username: str = field(default="", repr=False)
    """For digest authentication; empty is the Sip's. Section 2.7.3."""
    password: str = field(default="", repr=False)
    """For digest authentication; empty is the Sip's. Section 2.7.3."""


@dataclass(frozen=True, slots=True)
class Header(Noun):
    """A header of the INVITE (section 2.7.3)."""

    name: str = ""
    """``X-...`` or one of those that section 6.3 lists."""
    value: str = ""
    """Its value."""


@dataclass(frozen=True, slots=True)
class Headers(Noun):
    """The headers of the INVITE of a Sip (section 2.7.3)."""

    headers: tuple[Header, ...] = ()
    """In order."""


@dataclass(frozen=True, slots=True)
class Sip(Telephone):
    """A SIP address (section 2.7.3)."""

    uri: str = ""
    """At most 255 characters and 1024 of headers after ``?``; the scheme may be missing. Empty when there are ``uris``.
    Sections 2.7.3 and 6."""
    username: str = field(default="", repr=False)
    """For digest authentication of the INVITE. Section 2.7.3."""
    password: str = field(default="", repr=False)
    """For digest authentication of the INVITE. Section 2.7.3."""
    uris: tuple[Uri, ...] = ()
    """Several addresses instead of one, at most 10. Section 2.7.3."""
    headers: tuple[Header, ...] = ()
    """Headers beside those of the address. Section 2.7.3."""


@dataclass(frozen=True, slots=True)
class Identity(Noun):
    """The name of a Client (section 2.7.2)."""

    identity: str = ""
    """At most 256 characters."""


@dataclass(frozen=True, slots=True)
class Client(Callee):
    """A browser or application that has registered (section 2.7.2)."""

    identity: str = ""
    """At most 256 characters, none of them white space or a control character."""
    parameters: tuple[Parameter, ...] = ()
    """What the client is told beside the call. Section 2.7.2."""
    client_notification_url: str = ""
    """Who is asked to wake the client; empty is nobody. Section 2.7.2."""


@dataclass(frozen=True, slots=True)
class ApplicationSid(Noun):
    """The name of an Application (section 2.7.6)."""

    sid: str = ""
    """``AP`` and 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Application(Callee):
    """Another application of TwiML, as if it were called (section 2.7.6)."""

    application_sid: str = ""
    """``AP`` and 32 hexadecimal digits."""
    customer_id: str = ""
    """At most 256 characters; empty is the account's SID. Section 2.7.6."""
    copy_parent_to: bool = False
    """Whether ``To`` is the caller's own instead of the application's SID. Section 2.7.6."""
    parameters: tuple[Parameter, ...] = ()
    """Sent to the application as ``Param_<name>``. Section 2.7.6."""


@dataclass(frozen=True, slots=True)
class Sim(Noun):
    """A SIM card; not reachable from here: error 13258 (section 2.7.7)."""

    sim_sid: str = ""
    """``DE`` and 32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class WhatsApp(Callee):
    """A WhatsApp number; not reachable from here (section 2.7.7)."""

    number: str = ""
    """E.164."""
