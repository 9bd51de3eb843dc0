"""Where a call goes on, and how it ends (spec sections 2.5, 2.8, 2.9, 2.12 and 2.16)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Noun, Verb


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
class ReferSip(Noun):
    """Whom the far end is sent to: the Sip of Refer (section 2.12)."""

    uri: str = ""
    """At most 255 characters and 1024 of headers after ``?``; the scheme may be missing. Sections 2.12 and 6."""


@dataclass(frozen=True, slots=True)
class Refer(Verb):
    """Send the far end's telephone to somebody else (section 2.12)."""

    uri: str = ""
    """Of its ``<Sip>``; never empty when parsed. Section 2.12."""
    action: str = ""
    """Where the result goes; empty is nowhere, and the next verb runs. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""


@dataclass(frozen=True, slots=True)
class Echo(Verb):
    """Let the caller hear himself until he hangs up (section 2.16)."""


@dataclass(frozen=True, slots=True)
class Sms(Verb):
    """Send a short message (section 2.16)."""

    body: str = ""
    """The message."""
    to: str = ""
    """Number; empty is the caller. Section 2.16."""
    from_: str = ""
    """Number; empty is the called one. Section 2.16."""
    action: str = ""
    """Where the result goes; empty is nowhere, and the next verb runs. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    status_callback: str = ""
    """Where the delivery is told; empty is nowhere. Section 2.16."""
