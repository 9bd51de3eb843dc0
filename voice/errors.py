"""The errors of one server.

VoiceError
├── SettingsInvalid   the configuration cannot be used; says which key
├── CallRefused       a call is not taken; carries the SIP status
├── ConferenceRefused   nobody can join, or nothing can be changed, like that; carries the TwiML or API error code
├── ChangeRefused     a live call cannot be changed like that; carries the API's error code
├── StoreUnavailable  the database does not work
├── QueueRefused      a queue cannot be entered, made or changed like that; carries the reason in a word
├── StreamRefused     the audio of a call does not go over a WebSocket; carries the error code
├── RelayFailed       a conversation in text cannot go on; carries the error code
│   └── LinkLost      its connection has ended; another one may be made
├── TargetRefused     something cannot be dialled; carries the TwiML error code
│   └── TrunksFull    not at this moment: the limits of its trunks are reached
├── TranscriptionFailed   a recording does not become text; says why
└── TranscriptionRefused  what is said in a call is not written down; carries the error code

``voice.web.webhook.WebhookFailure``, ``voice.web.websocket.SocketFailure`` and ``voice.payment.connector.PaymentRefused``
belong to the same tree.
"""

from __future__ import annotations

from typing import Literal

from sip.events import Headers

NOT_IN_PROGRESS = 21220
"""Of the API: the call's state does not allow the change (spec section 4.6)."""
NO_SUCH_CALL = 20404


class VoiceError(Exception):
    """The root of this package's errors."""


class SettingsInvalid(VoiceError):
    """The configuration cannot be used."""


class CallRefused(VoiceError):
    """An INVITE is not taken on."""

    def __init__(self, status: int, reason: str, retry_after: int = 0, headers: Headers = ()) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = (("Retry-After", str(retry_after)), *headers) if retry_after else headers
        """Of the response. ``retry_after`` are seconds (RFC 3261 section 20.33); 0 is none."""


class ChangeRefused(VoiceError):
    """A call is not in a state for the change that is asked for."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class StoreUnavailable(VoiceError):
    """The database cannot be opened, or does not answer."""


class QueueRefused(VoiceError):
    """A queue cannot be entered, made, changed or found."""

    def __init__(self, reason: Literal["full", "too-many", "exists", "in-use", "unknown", "invalid"], message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ForkRefused(VoiceError):
    """A copy of a call is not sent to a recording server."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class StreamRefused(VoiceError):
    """A stream is not started, or did not last."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class RelayFailed(VoiceError):
    """A conversation over a ConversationRelay cannot begin or go on."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class LinkLost(RelayFailed):
    """The connection of a conversation has ended."""


class TargetRefused(VoiceError):
    """A number or URI is not dialled."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class TrunksFull(TargetRefused):
    """Every trunk that takes a number is at its limit."""


class TranscriptionFailed(VoiceError):
    """A recording does not become text."""


class TranscriptionRefused(VoiceError):
    """What is said in a call is not written down."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class ConferenceRefused(VoiceError):
    """A conference takes nobody in, or no change, like that."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
