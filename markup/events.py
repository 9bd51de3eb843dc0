"""What the world tells the interpreter of one call.

Every event that reports on something the interpreter started carries the id that the interpreter gave it; a stale id is
ignored. Events without an id concern the call itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from markup.document import Document

OperationId = int
"""Names one started thing (fetch, playback, timer, leg ...) within one call; never reused."""

LegStatus = Literal["completed", "busy", "no-answer", "failed", "canceled"]
"""How a dialled leg ended, in the words of ``DialCallStatus``."""

Outcome = Literal["completed", "busy", "rejected", "failed", "hung-up", "released", "left"]
"""How a run of documents ended, in the words of ``EndCall``."""

Whereabouts = Literal["waiting", "called", "bridged"]
"""Of a queued caller: it waits, somebody takes it out and it is to hear nothing else, or it talks to whoever did."""

QueueResult = Literal[
    "bridged", "error", "hangup", "leave", "redirected", "redirected-from-bridged", "queue-full", "system-error"
]
"""How a stay in a queue ended, in the words of ``QueueResult`` (spec section 2.10)."""

Parameters = tuple[tuple[str, str], ...]
"""Request parameters in order; a name may occur more than once."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True)
class Begin(Event):
    """The call exists: fetch its first document."""


@dataclass(frozen=True, slots=True)
class DocumentFetched(Event):
    """A requested document arrived and was parsed."""

    id: OperationId
    url: str
    """Absolute address after HTTP redirects: the base of relative URLs. Empty for inline documents."""
    document: Document


@dataclass(frozen=True, slots=True)
class FetchFailed(Event):
    """A requested document cannot be had (spec section 1.9)."""

    id: OperationId
    code: int
    """Error code of table 1.10, for example 11200."""
    url: str
    message: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded(Event):
    """The last sample of a playback was sent."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class PlaybackFailed(Event):
    """A playback could not be made audible."""

    id: OperationId
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class DigitReceived(Event):
    """The caller pressed a key."""

    digit: str
    """One of ``0-9 A-D * #``."""


@dataclass(frozen=True, slots=True)
class DigitsSent(Event):
    """All tones of a ``SendDigits`` were sent."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class TimerFired(Event):
    """The seconds of a ``SetTimer`` have passed."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class LegRinging(Event):
    """A dialled leg is alerting (18x)."""

    id: OperationId
    early_media: bool = False
    """The callee sends audio of its own before answering (183 with SDP)."""


@dataclass(frozen=True, slots=True)
class LegAnswered(Event):
    """A dialled leg was answered."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class LegScreened(Event):
    """The document of a ``ScreenLeg`` ran to its end on the dialled leg."""

    id: OperationId
    accepted: bool
    """False when the document hung up."""


@dataclass(frozen=True, slots=True)
class LegEnded(Event):
    """A dialled leg is gone, whatever it was doing and whoever ended it."""

    id: OperationId
    status: LegStatus
    call_sid: str = ""
    duration: int | None = 0
    """Seconds since it was answered; None when the leg lives on with a document of its own."""
    code: int = 0
    """TwiML error code when the target was refused by us (13227 ...), else 0."""
    message: str = ""
    """What the code means for this target."""
    parameters: Parameters = field(default=())
    """Further parameters of the Dial action (``DialSipCallId``, ``DialSipResponseCode``, ``DialSipHeader_*``)."""


MessageStatus = Literal["sending", "invalid", "failed"]


@dataclass(frozen=True, slots=True)
class MessageTaken(Event):
    """A short message is on its way, or is not."""

    id: OperationId
    status: MessageStatus
    """``invalid``: it cannot be sent as it is; ``failed``: this switch sends none."""
    sid: str = ""
    """Empty when nothing is sent."""
    code: int = 0
    """Why not; 0 when it is sent."""
    message: str = ""
    """What the code means."""


@dataclass(frozen=True, slots=True)
class SilenceHeard(Event):
    """The caller has sent silence for as long as a ``StartRecording`` asked to be told."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class VoiceHeard(Event):
    """Somebody speaks to a ``StartListening``, or goes on: it is longer than a click, but may be a cough."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class VoicePaused(Event):
    """Nothing is said for the moment, and words that were said would be known soon.

    What waits for the end of an utterance before it understands any does not tell this.
    """

    id: OperationId


@dataclass(frozen=True, slots=True)
class WordsHeard(Event):
    """What is understood so far of an utterance that goes on; it may still change."""

    id: OperationId
    text: str


@dataclass(frozen=True, slots=True)
class NothingUnderstood(Event):
    """What was heard is over and had no words in it; it is listened on."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class SpeechUnderstood(Event):
    """An utterance is over."""

    id: OperationId
    text: str
    confidence: float | None = None
    """0 to 1; None when it is not known."""
    language: str = ""
    """In which it was understood."""


@dataclass(frozen=True, slots=True)
class ListeningFailed(Event):
    """It will not be known what the caller says."""

    id: OperationId
    code: int
    message: str


@dataclass(frozen=True, slots=True)
class RecordingEnded(Event):
    """A recording that was stopped is over; its file may still be being completed."""

    id: OperationId
    parameters: Parameters = ()
    """``RecordingUrl``, ``RecordingSid`` and ``RecordingDuration`` of the verb's action."""


@dataclass(frozen=True, slots=True)
class SiprecEnded(Event):
    """A recording server gets no copy any more, or never got one."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class RelayEnded(Event):
    """A conversation over a ConversationRelay is over, or never began."""

    id: OperationId
    parameters: Parameters = ()
    """What its action is told."""


@dataclass(frozen=True, slots=True)
class StreamEnded(Event):
    """A stream is over, or never began."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class TranscriptionEnded(Event):
    """Nothing is written down any more, or nothing ever was."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class ReferAnswered(Event):
    """The far end answered a ``Refer``."""

    id: OperationId
    code: int
    """SIP status: 202 and it tries, from 300 it does not."""


@dataclass(frozen=True, slots=True)
class ReferProgress(Event):
    """The far end tells how its new call fares."""

    id: OperationId
    code: int
    """The SIP status it got; 0 when it did not say."""
    last: bool
    """Nothing more will be told."""


@dataclass(frozen=True, slots=True)
class ReferFailed(Event):
    """The far end cannot be asked."""

    id: OperationId
    code: int
    """TwiML error code: 13801 when the leg is not a SIP leg, 13243 when the URI is none."""
    message: str


@dataclass(frozen=True, slots=True)
class ConferenceLeft(Event):
    """A stay in a conference is over, or there is none."""

    id: OperationId
    code: int = 0
    """Error code when the caller could not take part (16020 ...), else 0."""
    message: str = ""
    """What the code means here."""


@dataclass(frozen=True, slots=True)
class Referred(Event):
    """A party asks by REFER that whom it talks with be connected to somebody else; it waits for ``AnswerReferral``."""

    id: OperationId | None
    """The dialled leg that asks; None is the caller."""
    target: str
    """The content of Refer-To."""


@dataclass(frozen=True, slots=True)
class AsideEnded(Event):
    """The documents of a ``RunAside`` have ended by themselves."""

    id: OperationId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class QueueMoved(Event):
    """Something changed for a queued caller; the first time, it has got its place."""

    id: OperationId
    where: Whereabouts


@dataclass(frozen=True, slots=True)
class QueueLeft(Event):
    """A stay in a queue is over, or never began."""

    id: OperationId
    result: QueueResult
    parameters: Parameters = ()
    """``QueueSid`` and ``QueueTime``, if there was a place."""
    message: str = ""
    """Why there was none."""


@dataclass(frozen=True, slots=True)
class PaymentOpened(Event):
    """Keys are secret from now on, and the connector is there."""

    id: OperationId
    today: date
    """By which a card is expired or not."""


@dataclass(frozen=True, slots=True)
class PaymentRefused(Event):
    """A connector does not do what it was asked, or there is none."""

    id: OperationId
    code: int
    """Of spec section 8.7."""
    message: str
    connector_error: str = ""
    """The connector's own words, without anything secret."""


@dataclass(frozen=True, slots=True)
class PaymentSettled(Event):
    """A connector made a charge or a token."""

    id: OperationId
    token: str = ""
    profile: str = ""
    confirmation: str = ""


@dataclass(frozen=True, slots=True)
class HungUp(Event):
    """The leg this interpreter serves is gone."""


@dataclass(frozen=True, slots=True)
class Redirected(Event):
    """A live change from outside: run this document instead."""

    url: str
    method: str = "POST"
    document: Document | None = None
    """One that is here already; ``url`` is then its address, empty for an inline one."""


@dataclass(frozen=True, slots=True)
class HangupRequested(Event):
    """A live change from outside: end the call."""
