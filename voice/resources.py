"""What every call of one server shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sip.endpoint import Endpoint
from voice.accounts import Accounts
from voice.admission import Admission
from voice.assisted.payments import Payments
from voice.callbacks import CallbackSender
from voice.conference.conferences import Conferences
from voice.connector import Connectors
from voice.directory import Directory
from voice.journal import JournalFiles
from voice.ladder import Ladder
from voice.ledger import Ledger
from voice.live_transcriptions import LiveTranscriptions
from voice.metrics import Metrics
from voice.phones import Phones
from voice.places import WaitingLines
from voice.recognizers import Recognizers
from voice.recordings import Recordings
from voice.registry import Registry
from voice.routes import Routes
from voice.settings import Settings
from voice.siprec import Forks
from voice.store.database import Database
from voice.stream.streams import Streams
from voice.studio import Studio
from voice.transcription import Transcriptions
from voice.webhook import WebhookClient


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
    database: Database
    directory: Directory
    connectors: Connectors
    payments: Payments
    journals: JournalFiles
    ladder: Ladder
    registry: Registry
    routes: Routes
    admission: Admission
    queues: WaitingLines
    metrics: Metrics
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], datetime]
    """The time of day, in UTC."""
