"""What the interpreter of one call asks of the world.

A command starts something and never waits. Whatever has an ``id`` is *live* until an event with that id ends it or a stop
command names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markup.document import Document
from markup.events import OperationId, Outcome, Parameters, QueueResult
from markup.payment import Instrument, Terms
from markup.purpose import Purpose
from markup.speech import Utterance
from markup.verbs import Application, Client, Conference, Number, Sip


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do."""


@dataclass(frozen=True, slots=True)
class Answer(Command):
    """Answer the inbound leg (SIP 200). At most once, never for an outbound leg."""


@dataclass(frozen=True, slots=True)
class FetchDocument(Command):
    """Request a document; ends with ``DocumentFetched`` or ``FetchFailed``."""

    id: OperationId
    url: str
    """Absolute, with its connection overrides (``#rc=2``) still on it."""
    method: str
    parameters: Parameters = ()
    """What the verb adds to the standard parameters."""
    leg: OperationId | None = None
    """The dialled leg whose call asks; None is the caller's."""


@dataclass(frozen=True, slots=True)
class CancelFetch(Command):
    """Forget a request that is under way."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class PrefetchMedia(Command):
    """Begin to fetch audio that will be played soon; no answer is expected."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """Something to be spoken; an empty voice or language is the switch's own."""

    text: Utterance
    voice: str
    language: str


@dataclass(frozen=True, slots=True)
class AudioFile:
    """Audio at an absolute URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Ringback:
    """The tone that a waiting caller hears, by country (``ringTone`` of Dial); "" is the default."""

    country: str = ""


@dataclass(frozen=True, slots=True)
class Beep:
    """The tone after which a caller may speak."""


@dataclass(frozen=True, slots=True)
class Music:
    """The built-in tune for callers who wait."""


Media = Speech | AudioFile | Ringback | Beep | Music
"""What a caller can be made to hear."""


@dataclass(frozen=True, slots=True)
class StartPlayback(Command):
    """Let the caller hear something; ends with ``PlaybackEnded`` or ``PlaybackFailed``."""

    id: OperationId
    media: Media
    loop: int = 1
    """How often; 0 is without end."""


@dataclass(frozen=True, slots=True)
class StopPlayback(Command):
    """Silence a playback at once."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class HoldPlayback(Command):
    """Let a playback wait in silence, even one that has not begun, or go on where it was."""

    id: OperationId
    on: bool


@dataclass(frozen=True, slots=True)
class SendDigits(Command):
    """Send keys as DTMF; ends with ``DigitsSent``."""

    id: OperationId
    digits: str
    """``0-9 A-D * #``, ``w`` is a pause of 0.5 s and ``W`` of 1 s."""
    leg: OperationId | None = None
    """A dialled leg; None is the caller."""


@dataclass(frozen=True, slots=True)
class StartEcho(Command):
    """Let the caller hear what the caller says until ``StopEcho``; nothing is reported."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StopEcho(Command):
    """Silence an echo."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    """Send a short message; ends at once with ``MessageTaken``, whatever becomes of it later."""

    id: OperationId
    body: str
    to: str = ""
    """Empty is the far end of the call."""
    from_: str = ""
    """Empty is our own number in the call."""
    status_callback: str = ""
    """Who is told what became of it; absolute, empty is nobody."""


@dataclass(frozen=True, slots=True)
class ForgetMessage(Command):
    """Whether a message was taken is of no interest any more; it cannot be taken back."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StatusCallback:
    """Whom to tell how something goes."""

    url: str = ""
    """Absolute; empty is nobody."""
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)
    """What to tell."""


RecordingSource = Literal["RecordVerb", "DialVerb", "StartCallRecordingTwiML"]
RecordingTrack = Literal["inbound", "outbound", "both"]


@dataclass(frozen=True, slots=True)
class StartRecording(Command):
    """Record the call until ``StopRecording``, or to its end. ``SilenceHeard`` may come any number of times."""

    id: OperationId
    source: RecordingSource
    track: RecordingTrack = "both"
    """What the caller says, what the caller hears, or both."""
    dual: bool = False
    """Whether both tracks get a channel each; otherwise they are mixed."""
    trim: bool = False
    """Whether silence is cut off at both ends of the file."""
    callback: StatusCallback = StatusCallback()
    silence: int = 0
    """Seconds of received silence that are told; 0 is none."""
    transcribe: bool = False
    transcribe_callback: str = ""
    """Where the text goes; absolute."""


@dataclass(frozen=True, slots=True)
class StopRecording(Command):
    """End a recording; ``RecordingEnded`` follows."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StartSiprec(Command):
    """Send a copy of the call to a recording server (RFC 7866); ends with ``SiprecEnded``, at the latest when the call does."""

    id: OperationId
    name: str
    """What Stop calls it; may be empty."""
    connector: str
    """Which of the switch's recording servers; empty is the only one."""
    track: RecordingTrack = "both"
    callback: StatusCallback = StatusCallback()
    parameters: Parameters = ()
    """Told to the recording server."""


@dataclass(frozen=True, slots=True)
class StopSiprec(Command):
    """Send no copy any more."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StartStream(Command):
    """Send the call's audio over a WebSocket; ends with ``StreamEnded``, at the latest when the call does (spec section 5.1)."""

    id: OperationId
    url: str
    """As the document has it; empty when it names a connector instead."""
    name: str = ""
    """What Stop calls it; may be empty."""
    track: RecordingTrack = "inbound"
    bidirectional: bool = False
    """Whether the caller hears what the far end of the WebSocket sends."""
    callback: StatusCallback = StatusCallback()
    parameters: Parameters = ()
    """Told to the far end at the start."""


@dataclass(frozen=True, slots=True)
class StopStream(Command):
    """End a stream."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StopNamedStream(Command):
    """End the stream of that name, whoever started it: this document, an earlier one or the REST API."""

    name: str


@dataclass(frozen=True, slots=True)
class TranscriptionPlan:
    """What is to be written down of a call, and whom it is told (spec section 2.14)."""

    name: str = ""
    """What Stop calls it; may be empty."""
    track: RecordingTrack = "both"
    inbound_label: str = ""
    outbound_label: str = ""
    language: str = "en-US"
    """BCP 47."""
    engine: str = "google"
    """As the document has it: who understands is for the switch to say."""
    model: str = "telephony"
    hints: str = ""
    """Phrases to expect, separated by commas."""
    partial_results: bool = False
    """Whether text that may still change is told."""
    profanity_filter: bool = True
    """Whether swear words are masked."""
    punctuation: bool = True
    provider_data: bool = False
    """Whether the words are told with their times."""
    callback: StatusCallback = StatusCallback()
    parameters: Parameters = ()
    """Told with the first callback."""


@dataclass(frozen=True, slots=True)
class StartTranscription(Command):
    """Write down what is said; ends with ``TranscriptionEnded``, at the latest when the call does."""

    id: OperationId
    plan: TranscriptionPlan


@dataclass(frozen=True, slots=True)
class StopTranscription(Command):
    """Write no more down."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StopNamedTranscription(Command):
    """End the transcription of that name, whoever started it: this document, an earlier one or the REST API."""

    name: str


@dataclass(frozen=True, slots=True)
class StartListening(Command):
    """Understand what the caller says.

    ``VoiceHeard``, ``VoicePaused``, ``WordsHeard`` and ``NothingUnderstood`` may follow any number of times; ends with
    ``SpeechUnderstood`` or ``ListeningFailed``.
    """

    id: OperationId
    language: str = "en-US"
    """BCP 47."""
    hints: tuple[str, ...] = ()
    """Phrases to expect."""
    model: str = "default"
    """``speechModel`` of TwiML."""
    silence: int | None = None
    """Seconds without a voice that end an utterance; None is the first pause that sounds like an end."""
    most_seconds: int = 60
    """After so much of it an utterance is over."""
    profanity_filter: bool = True
    """Whether swear words are masked."""


@dataclass(frozen=True, slots=True)
class StopListening(Command):
    """Listen no longer."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class SetTimer(Command):
    """Wait; ends with ``TimerFired``."""

    id: OperationId
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelTimer(Command):
    """Forget a timer."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class StartLeg(Command):
    """Dial one target; ``LegRinging``, ``LegAnswered`` may follow, ``LegEnded`` always does."""

    id: OperationId
    target: Number | Sip | Client | Application
    """The noun, its callback URLs already absolute."""
    caller_id: str | None = None
    """``callerId`` of Dial; None is the caller's own."""


@dataclass(frozen=True, slots=True)
class HangupLeg(Command):
    """End a dialled leg in whatever state it is (CANCEL or BYE); ``LegEnded`` follows but may be ignored."""

    id: OperationId
    timed_out: bool = False
    """The ring time is over: the leg's status is ``no-answer`` instead of ``canceled``."""


@dataclass(frozen=True, slots=True)
class ScreenLeg(Command):
    """Run a whisper document on an answered leg; ends with ``LegScreened`` or ``LegEnded``."""

    id: OperationId
    url: str
    method: str


@dataclass(frozen=True, slots=True)
class Join(Command):
    """Connect the caller and a dialled leg both ways; ends with the leg."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class Part(Command):
    """Undo ``Join``; both live on and hear nothing of each other."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class HandOver(Command):
    """Let a dialled leg go on by itself, with a document of its own; ends with ``LegEnded`` of no duration."""

    id: OperationId
    document: Document
    url: str
    """The document's address."""


@dataclass(frozen=True, slots=True)
class AnswerReferral(Command):
    """Answer a REFER (``Referred``): 202, or 3xx to 6xx."""

    id: OperationId | None
    """The dialled leg that asked; None is the caller."""
    code: int


@dataclass(frozen=True, slots=True)
class ReportReferral(Command):
    """Tell whoever asked by REFER how the new call fares; a final status is the last."""

    id: OperationId | None
    code: int


@dataclass(frozen=True, slots=True)
class Listen(Command):
    """Let the caller hear the early media of a leg that still rings."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class Refer(Command):
    """Ask the far end of the call to call somebody else (SIP REFER).

    ``ReferAnswered`` and ``ReferProgress`` follow, or ``ReferFailed`` ends it at once.
    """

    id: OperationId
    uri: str
    """As the document has it: the scheme may be missing, headers may follow a ``?``."""


@dataclass(frozen=True, slots=True)
class ForgetReferral(Command):
    """What becomes of a ``Refer`` is of no interest any more; it cannot be taken back."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class JoinConference(Command):
    """Take part in a conference; ends with ``ConferenceLeft``."""

    id: OperationId
    noun: Conference
    """Its URLs already absolute."""


@dataclass(frozen=True, slots=True)
class LeaveConference(Command):
    """Leave a conference; ``ConferenceLeft`` follows, unless the stay is ``interrupted`` by a live change or the call's end."""

    id: OperationId
    interrupted: bool = True


@dataclass(frozen=True, slots=True)
class RunAside(Command):
    """Run documents beside the call's own; ends with ``AsideEnded``."""

    id: OperationId
    url: str
    method: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class StopAside(Command):
    """End documents that run beside the call's own, at once."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class EnterQueue(Command):
    """Stand at the end of a queue; ``QueueMoved`` follows at each change, and ends with ``QueueLeft``."""

    id: OperationId
    name: str
    max_size: int = 0
    """The most callers this one may wait with, itself included; 0 is the queue's own limit."""


@dataclass(frozen=True, slots=True)
class LeaveQueue(Command):
    """Give up a place in a queue, in whatever state it is; ``QueueLeft`` follows."""

    id: OperationId
    result: QueueResult = "hangup"


@dataclass(frozen=True, slots=True)
class TakeFromQueue(Command):
    """Take the head of a queue, or the first who comes, as a leg.

    ``LegAnswered`` follows when there is somebody, ``LegEnded`` always does. Whoever is taken goes back to its place when the
    leg is ended before ``Join``.
    """

    id: OperationId
    name: str


@dataclass(frozen=True, slots=True)
class OpenPayment(Command):
    """Keep the caller's keys secret from now on: out of journals, logs and recordings.

    Answered at once by ``PaymentOpened``, or by ``PaymentRefused`` when no connector can do it. Keys stay secret until
    ``ClosePayment``.
    """

    id: OperationId
    terms: Terms


@dataclass(frozen=True, slots=True)
class ClosePayment(Command):
    """Keys are ordinary again."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class SendPayment(Command):
    """Hand what was collected to the connector; ends with ``PaymentSettled`` or ``PaymentRefused``."""

    id: OperationId
    terms: Terms
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class ForgetPayment(Command):
    """Take no more interest in what a connector answers; the request itself cannot be taken back."""

    id: OperationId


@dataclass(frozen=True, slots=True)
class Notify(Command):
    """Request a URL and ignore the answer."""

    url: str
    method: str
    parameters: Parameters = ()
    recording: OperationId | None = None
    """A recording that ends now: the request waits for that and tells of it too."""
    about: OperationId | None = None
    """A place in a queue, or a leg that came from one: what there is to tell of it is added, even when it is left."""


@dataclass(frozen=True, slots=True)
class EnterVerb(Command):
    """A verb begins; for the journal."""

    name: str
    attributes: Parameters = ()


@dataclass(frozen=True, slots=True)
class LeaveVerb(Command):
    """A verb is over; for the journal."""

    name: str
    outcome: str = ""
    """One word or a short phrase: ``digits 1234``, ``timeout``, ``interrupted`` ..."""


@dataclass(frozen=True, slots=True)
class Report(Command):
    """An error or warning for the journal and the customer's notifications."""

    code: int
    message: str
    level: Literal["error", "warning"] = "warning"
    url: str = ""


@dataclass(frozen=True, slots=True)
class EndCall(Command):
    """End the call, or the document that runs beside it; exactly one, and last.

    An unanswered inbound leg is refused: ``busy`` 486, ``rejected`` 404, ``failed`` 500 (``completed`` is only used after
    ``Answer``). An answered one gets a BYE. Only a document beside the call is ``released`` at its end or ``left`` by Leave,
    and whatever its outcome, the leg goes back to whoever ran it.
    """

    outcome: Outcome
