"""What every call of one server shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sip.endpoint import Endpoint
from voice.accounts.accounts import Accounts
from voice.accounts.allowances import Allowances
from voice.calls.admission import Admission
from voice.calls.ledger import Ledger
from voice.calls.registry import Registry
from voice.calls.selfcall import SelfCall
from voice.calls.survey import Survey
from voice.clients.letters import Letters
from voice.conference.conferences import Conferences
from voice.listening.live_transcriptions import LiveTranscriptions
from voice.listening.recognizers import Recognizers
from voice.listening.transcription import Transcriptions
from voice.payment.connector import Connectors
from voice.payment.payments import Payments
from voice.queue.places import WaitingLines
from voice.recording.recordings import Recordings
from voice.relay.agents import Agents
from voice.routing.directory import Directory
from voice.routing.phones import Phones
from voice.routing.routes import Routes
from voice.routing.strangers import Strangers
from voice.settings import Settings
from voice.siprec.client import Forks
from voice.sound.studio import Studio
from voice.store.database import Database
from voice.story.journal import JournalFiles
from voice.story.ladder import Ladder
from voice.story.metrics import Metrics
from voice.stream.streams import Streams
from voice.trunks.trunks import Trunks
from voice.web.callbacks import CallbackSender
from voice.web.peer import Dialler
from voice.web.webhook import WebhookClient


@dataclass(frozen=True, slots=True)
class Resources:
    """Made once by the composition root and handed to each session."""

    settings: Settings
    accounts: Accounts
    ledger: Ledger
    endpoint: Endpoint
    studio: Studio
    webhooks: WebhookClient
    callbacks: CallbackSender
    recognizers: Recognizers
    recordings: Recordings
    transcriptions: Transcriptions
    live_transcriptions: LiveTranscriptions
    conferences: Conferences
    forks: Forks
    phones: Phones
    streams: Streams
    dialler: Dialler
    agents: Agents
    database: Database
    directory: Directory
    connectors: Connectors
    payments: Payments
    journals: JournalFiles
    ladder: Ladder
    registry: Registry
    survey: Survey
    selfcall: SelfCall
    routes: Routes
    letters: Letters
    trunks: Trunks
    strangers: Strangers
    allowances: Allowances
    admission: Admission
    queues: WaitingLines
    metrics: Metrics
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], datetime]
    """The time of day, in UTC."""
