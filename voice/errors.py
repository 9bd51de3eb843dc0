"""The errors of one server.

VoiceError
├── SettingsInvalid   the configuration cannot be used; says which key
├── CallRefused       a call is not taken; carries the SIP status
└── TargetRefused     something cannot be dialled; carries the TwiML error code

``voice.webhook.WebhookFailure`` belongs to the same tree.
"""

from __future__ import annotations


class VoiceError(Exception):
    """The root of this package's errors."""


class SettingsInvalid(VoiceError):
    """The configuration cannot be used."""


class CallRefused(VoiceError):
    """An INVITE is not taken on."""

    def __init__(self, status: int, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after
        """Seconds for the Retry-After header (RFC 3261 section 20.33); 0 is none."""


class TargetRefused(VoiceError):
    """A number or URI is not dialled."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
